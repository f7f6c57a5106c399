// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FailuresTest {

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new NoSuchFileException("/a"), "it does not exist"),
                Arguments.of(new UncheckedIOException(new NoSuchFileException("/a")), "it does not exist"),
                Arguments.of(new CompletionException(new ConnectException()), "connection refused"),
                Arguments.of(new FileSystemException("/a", null, "No space left on device"), "No space left on device"),
                Arguments.of(new MalformedInputException(1), "it is not UTF-8 text"),
                Arguments.of(new EOFException(), "it ends too early"),
                Arguments.of(new ClosedChannelException(), "the connection closed"),
                Arguments.of(new TimeoutException(), "it took too long"),
                Arguments.of(new IOException("Broken pipe"), "Broken pipe"),
                Arguments.of(new IOException((String) null), "an unforeseen failure (IOException)"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void areToldInWords(Throwable failure, String reason) {
        assertThat(Failures.reason(failure)).isEqualTo(reason);
    }

    @Test
    void nameTheUserWhoMayNot() {
        assertThat(Failures.reason(new AccessDeniedException("/a"))).contains(System.getProperty("user.name"));
    }
}
