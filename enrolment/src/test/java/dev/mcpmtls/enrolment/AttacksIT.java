// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.authority.AuthorityProfile.Hierarchy;
import dev.mcpmtls.authority.EnrolmentAnswer;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.RequestedKey;
import dev.mcpmtls.authority.SigningRequest;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Attempts to get a certificate, or to keep others from one. */
@Timeout(60)
class AttacksIT {

    @TempDir
    private Path here;

    @TempDir
    private Path there;

    @Test
    void oneOfFiftyAtOnceUsesATokenUp() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            JoinToken token = authority.invite(RunningAuthority.laptop());
            byte[] secret = Base64.getUrlDecoder().decode(token.password());
            List<EnrolmentAnswer> answers =
                    atOnce(50, () -> authority.authority.enrolment().redeem(token.id(), secret, request()));

            assertThat(answers)
                    .filteredOn(EnrolmentAnswer.Granted.class::isInstance)
                    .hasSize(1);
            assertThat(answers)
                    .filteredOn(EnrolmentAnswer.Refused.class::isInstance)
                    .allMatch(it -> ((EnrolmentAnswer.Refused) it).cause() == EnrolmentAnswer.Cause.INVITATION_USED);
            assertThat(authority.authority.issued()).hasSize(2);
        }
    }

    @Test
    void oneOfManyMachinesAtOnceJoins() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            JoinToken token = authority.invite(RunningAuthority.laptop());
            List<Boolean> joined = new ArrayList<>();
            List<Path> machines = new ArrayList<>();
            for (int machine = 0; machine < 12; machine++) {
                machines.add(there.resolve(String.valueOf(machine)));
            }
            var next = machines.iterator();
            joined.addAll(atOnce(12, () -> {
                Path own;
                synchronized (next) {
                    own = next.next();
                }
                try {
                    return authority.join(own, token).isNew();
                } catch (EnrolmentException e) {
                    return false;
                }
            }));
            assertThat(joined).filteredOn(it -> it).hasSize(1);
        }
    }

    @Test
    void guessesAreBoundedAndTheirBoundPasses() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            JoinToken token = authority.invite(RunningAuthority.laptop());
            JoinToken guess = new JoinToken(token.authority(), token.pin(), token.id(), new byte[32], "laptop-7");
            for (int attempt = 0; attempt < 12; attempt++) {
                assertThatThrownBy(() -> authority.join(there, guess)).isInstanceOf(EnrolmentException.Refused.class);
            }
            assertThat(authority.refusals())
                    .startsWith("INVITATION_UNKNOWN")
                    .endsWith("TOO_MANY_ATTEMPTS")
                    .hasSize(11);
            assertThatThrownBy(() -> authority.join(there, token)).hasMessageContaining("too many refused attempts");

            authority.clock.advance(Duration.ofMinutes(1));
            assertThat(authority.join(there, token).isNew()).isTrue();
        }
    }

    @Test
    void aSlowClientIsCutOff() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here, Hierarchy.ROOT_ONLY, Duration.ofMillis(500));
                Socket silent = new Socket(
                        InetAddress.getLoopbackAddress(), authority.uri().getPort())) {
            silent.setSoTimeout(20_000);
            assertThat(silent.getInputStream().read())
                    .as("closed without a handshake")
                    .isEqualTo(-1);

            assertThat(authority
                            .join(there, authority.invite(RunningAuthority.laptop()))
                            .isNew())
                    .isTrue();
        }
    }

    @Test
    void aBodyThatNeverArrivesIsAnswered() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here, Hierarchy.ROOT_ONLY, Duration.ofMillis(500))) {
            Process client = new ProcessBuilder(
                            "openssl",
                            "s_client",
                            "-quiet",
                            "-connect",
                            "localhost:" + authority.uri().getPort(),
                            "-CAfile",
                            authority.anchors().toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (OutputStream out = client.getOutputStream();
                    InputStream in = client.getInputStream()) {
                out.write(("POST /.well-known/est/simpleenroll HTTP/1.1\r\nHost: localhost\r\n"
                                + "Content-Type: application/pkcs10\r\nContent-Length: 1000\r\n\r\nAAAA")
                        .getBytes(StandardCharsets.US_ASCII));
                out.flush();
                assertThat(new String(in.readAllBytes(), StandardCharsets.US_ASCII))
                        .startsWith("HTTP/1.1 408");
            } finally {
                client.destroyForcibly();
            }
        }
    }

    @Test
    void theStoreHoldsNoSecret() throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            JoinToken token = authority.invite(RunningAuthority.laptop());
            Path file = here.resolve("authority/invitations");
            assertThat(Files.readString(file)).contains(token.id()).doesNotContain(token.password());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(authority.authority.enrolment().invitations()).hasSize(1);
        }
    }

    private static SigningRequest request() {
        RequestedKey key = RequestedKey.generate(KeyType.EC_P256, new SecureRandom());
        return SigningRequest.parse(key.request(new X500Principal("CN=x")));
    }

    private static <T> List<T> atOnce(int threads, Callable<T> task) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<T> results = new ArrayList<>();
            List<Callable<T>> tasks = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                tasks.add(task);
            }
            for (Future<T> future : pool.invokeAll(tasks)) {
                results.add(future.get());
            }
            return results;
        } finally {
            pool.shutdownNow();
        }
    }
}
