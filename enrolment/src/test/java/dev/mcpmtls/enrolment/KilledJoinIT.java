// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.authority.KeyType;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.authority.Surroundings;
import dev.mcpmtls.identity.Credential;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A join that is killed after any of its steps is finished by the same token. {@link KilledIT} kills at random moments. */
@Timeout(120)
class KilledJoinIT {

    @TempDir
    private Path here;

    @TempDir
    private Path there;

    /** A process that joins, and halts at a step: nothing is closed, flushed or cleaned up, as with kill -9. */
    static final class Joining {

        private Joining() {}

        public static void main(String[] words) {
            Optional<Join.Step> last = words.length > 2 ? Optional.of(Join.Step.valueOf(words[2])) : Optional.empty();
            new Join(
                            Store.at(Path.of(words[0])),
                            JoinToken.parse(words[1]),
                            Optional.empty(),
                            KeyType.EC_P256,
                            Surroundings.system(AuditSink.none()),
                            step -> {
                                if (last.filter(step::equals).isPresent()) {
                                    Runtime.getRuntime().halt(137);
                                }
                            })
                    .run();
        }
    }

    @ParameterizedTest
    @EnumSource(Join.Step.class)
    void atAnyStep(Join.Step step) throws Exception {
        try (RunningAuthority authority = new RunningAuthority(here)) {
            JoinToken token = authority.invite(RunningAuthority.laptop());
            Process process = start(token, step.name());
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(137);
            boolean isInstalled = step.compareTo(Join.Step.INSTALLED) >= 0;

            // Once it is installed, the token may have expired meanwhile.
            authority.clock.advance(isInstalled ? Duration.ofHours(1) : Duration.ofMinutes(1));
            assertThat(authority.join(there, token).isNew()).isEqualTo(!isInstalled);
            requireWhole();
            assertThat(authority.authority.enrolment().invitations().get(0).keys())
                    .hasSize(1);
        }
    }

    private void requireWhole() throws Exception {
        Store store = Store.at(there);
        Credential credential = Credential.load(store.credential("laptop-7"));
        assertThat(credential.chain().leaf().getSubjectX500Principal().getName())
                .isEqualTo("CN=laptop-7");
        assertThat(store.renewalSource("laptop-7")).isPresent();
        assertThat(store.revocationList()).isNotEmptyFile();
        assertThat(there.resolve(".joining")).doesNotExist();
        try (Stream<Path> files = Files.walk(there)) {
            assertThat(files.filter(file -> file.getFileName().toString().endsWith(".key")))
                    .allMatch(key -> key.toString().contains(".versions/laptop-7/"));
        }
    }

    private Process start(JoinToken token, String... step) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(Stream.concat(
                                Stream.of(
                                        java,
                                        "-XX:TieredStopAtLevel=1",
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        Joining.class.getName(),
                                        there.toString(),
                                        token.secretText()),
                                Stream.of(step))
                        .toList())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
