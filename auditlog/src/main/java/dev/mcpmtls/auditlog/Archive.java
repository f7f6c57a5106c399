// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipException;

/**
 * The rotated files of a log, oldest first. {@code audit.jsonl} is rotated to {@code audit.<first>-<last>.jsonl}, where first and
 * last are the numbers of the records it holds, and then compressed to {@code ….jsonl.zst}, or {@code .gz}.
 */
record Archive(Path current, List<Path> rotated) {

    /** Rotated files lie beside the file itself, not beside a link to it. */
    static Archive of(Path link) {
        Path current = real(link);
        Pattern form = Pattern.compile(Pattern.quote(stem(current)) + "\\.(\\d{12})-(\\d{12})\\.jsonl(\\.gz|\\.zst)?");
        // By first record; the plain file wins over a compressed one, which may be incomplete.
        TreeMap<String, Path> byFirst = new TreeMap<>();
        try (Stream<Path> files = Files.list(current.toAbsolutePath().getParent())) {
            for (Path file : files.sorted().toList()) {
                Matcher name = form.matcher(file.getFileName().toString());
                if (name.matches()) {
                    byFirst.putIfAbsent(name.group(1), file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Archive(current, List.copyOf(byFirst.values()));
    }

    private static Path real(Path link) {
        try {
            return Files.isSymbolicLink(link) ? link.toRealPath() : link;
        } catch (IOException e) {
            return link; // its reader reports the failure
        }
    }

    static Path nameFor(Path current, long first, long last) {
        return current.resolveSibling(String.format("%s.%012d-%012d.jsonl", stem(current), first, last));
    }

    /** Compresses the rotated files that are still plain; the result completes afterwards. */
    static CompletableFuture<Void> compressInBackground(Path current) {
        List<Path> plain =
                of(current).rotated.stream().filter(file -> !isCompressed(file)).toList();
        return plain.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.runAsync(() -> {
                    Codec codec = Codec.preferred();
                    plain.forEach(file -> Compression.replace(file, codec));
                });
    }

    /** The number of the last record in a rotated file, from its name. */
    static long lastSequence(Path rotated) {
        String name = rotated.getFileName().toString();
        int end = name.lastIndexOf(".jsonl");
        return Long.parseLong(name.substring(end - 12, end));
    }

    /** The number of the first record in a rotated file, from its name. */
    static long firstSequence(Path rotated) {
        String name = rotated.getFileName().toString();
        int end = name.lastIndexOf(".jsonl");
        return Long.parseLong(name.substring(end - 25, end - 13));
    }

    /** All files, oldest first, the current one last when it exists. */
    List<Path> files() {
        List<Path> files = new ArrayList<>(rotated);
        if (Files.exists(current)) {
            files.add(current);
        }
        return files;
    }

    /** The number of the last record in all rotated files, 0 when there are none. */
    long lastSequence() {
        return rotated.isEmpty() ? 0 : lastSequence(rotated.get(rotated.size() - 1));
    }

    /** The end of the chain in the newest rotated file; there must be one. */
    ChainEnd end() throws IOException {
        Path newest = rotated.get(rotated.size() - 1);
        String last = "";
        try (RecordLines lines = open(newest)) {
            for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
                last = line.get();
            }
        } catch (EOFException | ZipException e) {
            throw new NoLogException(newest + " is damaged or cut off");
        }
        return AuditRecord.parse(last)
                .map(ChainEnd::after)
                .orElseThrow(() -> new NoLogException(newest + " does not end with an audit record"));
    }

    static RecordLines open(Path file) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new NoLogException(file + " is no regular file"); // a pipe would never end
        }
        InputStream bytes = Files.newInputStream(file);
        Optional<Codec> codec = Codec.of(file);
        try {
            return new RecordLines(codec.isPresent() ? codec.get().decompress(bytes) : bytes);
        } catch (IOException e) {
            bytes.close();
            throw e;
        }
    }

    static boolean isCompressed(Path file) {
        return Codec.of(file).isPresent();
    }

    private static String stem(Path current) {
        String name = current.getFileName().toString();
        return name.endsWith(".jsonl") ? name.substring(0, name.length() - ".jsonl".length()) : name;
    }
}
