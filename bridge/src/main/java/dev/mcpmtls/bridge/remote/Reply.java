// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.remote;

import dev.mcpmtls.protocol.EventStream;
import dev.mcpmtls.protocol.InvalidMessageException;
import dev.mcpmtls.protocol.Json;
import dev.mcpmtls.protocol.token.Challenge;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The head of an answer, and its body as it comes.
 *
 * @param exchange that it belongs to
 * @param whenRead runs when the body has been read to its end
 */
public record Reply(URI server, HttpResponse<InputStream> response, InFlight exchange, Runnable whenRead) {

    private static final int CHUNK = 16 * 1024;
    private static final int MAX_DISCARDED = 64 * 1024;

    public int status() {
        return response.statusCode();
    }

    boolean isSuccess() {
        return status() >= 200 && status() < 300;
    }

    public Optional<String> header(String name) {
        return response.headers().firstValue(name);
    }

    /** The server's challenge, when it refused the request for its access token. */
    Optional<Challenge> challenge() {
        return Challenge.of(status(), response.headers().allValues("WWW-Authenticate"), header("DPoP-Nonce"));
    }

    /** Gives up the body. */
    void leave() {
        try {
            response.body().close();
        } catch (IOException e) {
            // The connection is gone: the next exchange makes another.
        }
    }

    /** The media type without parameters, in lower case; empty when there is none. */
    public String mediaType() {
        return header("Content-Type").orElse("").split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    boolean isStream() {
        return mediaType().equals("text/event-stream");
    }

    /** The whole body. */
    public String text() {
        try (InputStream body = response.body()) {
            byte[] bytes = body.readNBytes(Wire.MAX_MESSAGE + 1);
            if (bytes.length > Wire.MAX_MESSAGE) {
                throw Outage.unusable(
                        server, String.valueOf(new EventStream.TooLargeException(Wire.MAX_MESSAGE).getMessage()));
            }
            whenRead.run();
            return Json.text(bytes);
        } catch (InvalidMessageException e) {
            throw Outage.unusable(server, "it is not UTF-8").from(e);
        } catch (IOException e) {
            throw Outage.reading(server, e);
        }
    }

    /**
     * Hands on each event until one is the last, or the stream ends. After the last the end of the stream is waited for, for a moment: a
     * stream that is left before takes its connection with it.
     *
     * @param isLast whether the event is the last that is wanted
     * @throws IOException when the stream breaks
     */
    void events(EventStream stream, Predicate<String> isLast) throws IOException {
        byte[] chunk = new byte[CHUNK];
        boolean isOver = false;
        try (InputStream body = response.body()) {
            for (int read = body.read(chunk); read >= 0; read = body.read(chunk)) {
                for (EventStream.Event event :
                        isOver ? List.<EventStream.Event>of() : stream.feed(Arrays.copyOf(chunk, read))) {
                    if (!isOver && isLast.test(event.data())) {
                        isOver = true;
                        endSoon();
                    }
                }
            }
            whenRead.run();
        } catch (EventStream.TooLargeException e) {
            throw Outage.unusable(server, String.valueOf(e.getMessage())).from(e);
        } catch (IOException e) {
            if (!isOver) {
                throw e;
            }
        }
    }

    private void endSoon() {
        CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS).execute(exchange::abort);
    }

    /** Reads a short body to its end, so that the connection can be used again; gives up one that does not end. */
    void discard() {
        if (!response.headers().firstValue("Content-Length").isPresent()) {
            endSoon();
        }
        try (InputStream body = response.body()) {
            if (!isStream() && body.readNBytes(MAX_DISCARDED).length < MAX_DISCARDED) {
                whenRead.run();
            }
        } catch (IOException e) {
            // The connection is gone: the next exchange makes another.
        }
    }
}
