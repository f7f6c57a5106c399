// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.files.Reload;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of which half is a good file, too: lists that may end at any line. They are written slowly here, in place. */
class TornFilesTest {

    private static final Duration PERIOD = Duration.ofMillis(400);

    @TempDir
    private Path directory;

    private final List<String> readings = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();
    private Path file;
    private WatchedFiles watched;
    private long nanoTime;

    @BeforeEach
    void watch() throws IOException {
        file = Files.writeString(directory.resolve("list"), "old\n");
        List<Path> files = List.of(file);
        watched = new WatchedFiles(files, FileStamp.of(files), new Reload() {
            @Override
            public void attempt(boolean recovering) {
                readings.add(read());
            }

            @Override
            public void failed(String why) {
                complaints.add(why);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void areNotReadWhileTheirWriterPausesLessThanTheyMustRest(int looksPerLine) throws IOException {
        Files.writeString(file, "");
        for (String line : List.of("one", "two", "three", "four", "five")) {
            look(looksPerLine);
            append(line);
            assertThat(readings).isEmpty();
        }
        look(3);
        assertThat(readings).containsExactly("one\ntwo\nthree\nfour\nfive\n");
        assertThat(complaints).isEmpty();
    }

    @Test
    void areReadWithinTwoSecondsOfARename() throws IOException {
        Path next = Files.writeString(directory.resolve("next"), "new\n");
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        look((int) (Duration.ofSeconds(2).toMillis() / PERIOD.toMillis()) - 1);
        assertThat(readings).containsExactly("new\n");
    }

    @Test
    void areReportedOnceWhenTheyNeverRest() throws IOException {
        for (int i = 0; i < 60; i++) {
            append("line " + i);
            look(1);
        }
        assertThat(readings).isEmpty();
        assertThat(complaints).singleElement().asString().contains("keep changing", "renaming");
        look(3);
        assertThat(readings).hasSize(1);
    }

    @Test
    void ofTrustAnchorsKeepTheLastGoodOnesMeanwhile() throws IOException {
        ThrowawayCa one = ThrowawayCa.root("One");
        ThrowawayCa two = ThrowawayCa.root("Two");
        Files.writeString(file, pem(one) + pem(two));
        TrustAnchors both = TrustAnchors.load(file);
        InstantSource clock = InstantSource.system();
        ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(both), clock);
        List<Path> files = List.of(file);
        List<AuditEvent> events = new ArrayList<>();
        AuditSink audit = event -> {
            events.add(event);
            return CompletableFuture.completedFuture(null);
        };
        AnchorFiles anchors = new AnchorFiles(verifier, AnchorSource.of(files), clock);
        watched = new WatchedFiles(files, FileStamp.of(files), new TrustFiles(anchors, audit, clock));

        Files.writeString(file, pem(one));
        look(2);
        append(pem(two));
        look(3);
        assertThat(events).isEmpty();
        Files.writeString(file, pem(one));
        look(3);
        assertThat(verifier.policy().anchors().certificates()).containsExactly(one.certificate());
        assertThat(events).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"13, true", "12, true", "11, false", "-1, false"})
    void ofABundleAreNeverReplacedByAnOlderOne(int sequence, boolean isReplaced) throws IOException {
        ThrowawayCa one = ThrowawayCa.root("One", Instant.now(), spec -> spec.uri("spiffe://partner.example"));
        ThrowawayCa two = ThrowawayCa.root("Two", Instant.now(), spec -> spec.uri("spiffe://partner.example"));
        Files.writeString(file, bundle(one, 12));
        InstantSource clock = InstantSource.system();
        ChainVerifier verifier = new ChainVerifier(TrustPolicy.strict(TrustAnchors.load(file)), clock);
        AnchorFiles anchors = new AnchorFiles(verifier, AnchorSource.of(List.of(file)), clock);
        Files.writeString(file, bundle(two, sequence));
        if (isReplaced) {
            assertThat(anchors.takeIntoUse()).isTrue();
        } else {
            assertThatThrownBy(anchors::takeIntoUse).hasMessageContaining("goes back from sequence number 12");
        }
        assertThat(verifier.policy().anchors().certificates().contains(two.certificate()))
                .isEqualTo(isReplaced);
    }

    private static String bundle(ThrowawayCa root, int sequence) {
        try {
            return "{\"keys\": [{\"kty\": \"EC\", \"use\": \"x509-svid\", \"x5c\": [\""
                    + Base64.getEncoder().encodeToString(root.certificate().getEncoded()) + "\"]}]"
                    + (sequence < 0 ? "}" : ", \"spiffe_sequence\": " + sequence + "}");
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            nanoTime += PERIOD.toNanos();
            watched.look(nanoTime);
        }
    }

    private void append(String line) throws IOException {
        Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
    }

    private String read() {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String pem(ThrowawayCa ca) {
        StringWriter pem = new StringWriter();
        try {
            pem.append("-----BEGIN CERTIFICATE-----\n")
                    .append(Base64.getMimeEncoder()
                            .encodeToString(ca.certificate().getEncoded()))
                    .append("\n-----END CERTIFICATE-----\n");
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
        return pem.toString();
    }
}
