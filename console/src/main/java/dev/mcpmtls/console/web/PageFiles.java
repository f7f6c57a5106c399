// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.web;

import dev.mcpmtls.identity.Sha256;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The page's own files: class-path resources in one directory, by names without any slash. Each is read once. */
final class PageFiles {

    private static final String DIRECTORY = "/dev/mcpmtls/console/web/";
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9-]+(?:\\.[a-z0-9-]+)*\\.(html|js|css|svg|png|ico|woff2|txt)");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml",
            "png", "image/png",
            "ico", "image/x-icon",
            "woff2", "font/woff2",
            "txt", "text/plain; charset=utf-8");

    private final Map<String, Answer> known = new ConcurrentHashMap<>();

    /** The file of that name; empty when the page has none. */
    Optional<Answer> answer(String name, HttpServerRequest request) {
        Matcher form = NAME.matcher(name);
        if (name.length() > 64 || !form.matches()) {
            return Optional.empty();
        }
        Answer file = known.get(name);
        if (file == null) {
            Optional<Answer> read = read(name, TYPES.getOrDefault(form.group(1), "text/plain"));
            if (read.isEmpty()) {
                return read;
            }
            file = read.get();
            known.put(name, file);
        }
        String tag = file.headers().get("etag");
        boolean isKnown = tag != null && tag.equals(request.getHeader("if-none-match"));
        return Optional.of(isKnown ? new Answer(304, file.headers(), Buffer.buffer()) : file);
    }

    private static Optional<Answer> read(String name, String type) {
        try (InputStream in = PageFiles.class.getResourceAsStream(DIRECTORY + name)) {
            if (in == null) {
                return Optional.empty();
            }
            byte[] bytes = in.readAllBytes();
            Map<String, String> headers =
                    Map.of("content-type", type, "cache-control", "no-cache", "etag", '"' + Sha256.hex(bytes) + '"');
            return Optional.of(new Answer(200, headers, Buffer.buffer(bytes)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
