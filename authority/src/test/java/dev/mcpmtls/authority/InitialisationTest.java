// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.authority.Initialisation.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitialisationTest {

    private final FixedSurroundings fixed = new FixedSurroundings();

    @TempDir
    Path temporary;

    @Test
    void makesAnAuthorityAndEveryCredential() {
        Store store = store();

        Initialisation made = fixed.initialise(store);

        assertThat(made.steps()).extracting(Initialisation.Step::outcome).containsOnly(Outcome.MADE);
        assertThat(made.steps())
                .extracting(Initialisation.Step::what)
                .containsExactly("authority", "weather", "datetime", "echo", "coordinator", "revocation list");
        assertThat(store.credentialNames()).containsExactly("coordinator", "datetime", "echo", "weather");
        assertThat(store.credential("weather")).isDirectoryContaining("glob:**/{tls.crt,tls.key,ca.crt}");
        assertThat(store.revocationList()).content().startsWith("-----BEGIN X509 CRL-----");
    }

    @Test
    void changesNothingTheSecondTimeAndSaysSo() throws IOException {
        fixed.initialise(store());
        Map<String, String> before = content();
        fixed.pass(Duration.ofDays(40));

        Initialisation again = fixed.initialise(store());

        assertThat(again.changedNothing()).isTrue();
        assertThat(content()).isEqualTo(before);
    }

    @Test
    void makesNoSecondAuthorityInThePlaceOfALostOne() throws IOException {
        fixed.initialise(store());
        Files.delete(store().issuers().path());
        Map<String, String> before = content();

        assertThatThrownBy(() -> fixed.initialise(store()))
                .isInstanceOf(AuthorityException.StoreFailed.class)
                .hasMessageContaining("is gone")
                .hasMessageContaining("restore it from a backup");
        assertThat(content()).isEqualTo(before);
    }

    @Test
    void makesNoAuthorityBeforeWhatItNeeds() {
        Initialisation.Step rules = new Initialisation.Step("access rules", temporary, Outcome.MADE);

        assertThatThrownBy(() -> initialise(() -> {
                    throw new IllegalStateException("no rules");
                }))
                .hasMessage("no rules");
        assertThat(store().hasAuthority()).isFalse();
        Initialisation made = initialise(() -> {
            assertThat(store().hasAuthority()).isFalse();
            return Optional.of(rules);
        });
        assertThat(made.steps()).last().isEqualTo(rules);
    }

    @Test
    void makesNothingForALostAuthorityOrOneThatIsThere() throws IOException {
        fixed.initialise(store());
        Supplier<Optional<Initialisation.Step>> unwanted = () -> {
            throw new AssertionError("not now");
        };

        assertThat(initialise(unwanted).changedNothing()).isTrue();
        Files.delete(store().issuers().path());
        assertThatThrownBy(() -> initialise(unwanted)).isInstanceOf(AuthorityException.StoreFailed.class);
    }

    private Initialisation initialise(Supplier<Optional<Initialisation.Step>> precondition) {
        return Initialisation.run(
                store(),
                AuthorityProfile.standard("demo.local"),
                KeyType.EC_P256,
                List.of(),
                Optional.empty(),
                fixed.surroundings,
                precondition);
    }

    @Test
    void addsOnlyWhatIsMissing() throws IOException {
        fixed.initialise(store());
        Files.delete(store().credential("echo"));
        Files.delete(store().revocationList());

        Initialisation again = fixed.initialise(store());

        assertThat(again.steps())
                .filteredOn(step -> step.outcome() == Outcome.MADE)
                .extracting(Initialisation.Step::what)
                .containsExactly("echo", "revocation list");
        assertThat(store().credential("echo").resolve("tls.key")).exists();
    }

    @Test
    void leavesADirectoryAloneThatSomebodyElsePutThere() throws IOException {
        Path mounted = store().credential("weather");
        Files.createDirectories(mounted);
        Files.writeString(mounted.resolve("tls.crt"), "from elsewhere");

        fixed.initialise(store());

        assertThat(mounted.resolve("tls.crt")).hasContent("from elsewhere");
    }

    @Test
    void keepsKeysForTheirOwner() throws IOException {
        fixed.initialise(store());

        try (Stream<Path> files = Files.walk(temporary.resolve("store"))) {
            for (Path file : files.filter(file -> !Files.isSymbolicLink(file)).toList()) {
                String mode =
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
                if (Files.isDirectory(file)) {
                    assertThat(mode).as("%s", file).isEqualTo("rwx------");
                } else if (file.toString().endsWith(".key")) {
                    assertThat(mode).as("%s", file).isEqualTo("rw-------");
                }
            }
        }
    }

    @Test
    void refusesAPlaceThatIsAFile() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "");

        assertThatThrownBy(() -> fixed.initialise(Store.at(file)))
                .isInstanceOf(AuthorityException.StoreFailed.class)
                .hasMessage(file + " cannot be used as a store (it exists, and is not a directory)");
    }

    private Store store() {
        return Store.at(temporary.resolve("store"));
    }

    private Map<String, String> content() throws IOException {
        try (Stream<Path> files = Files.walk(temporary.resolve("store"))) {
            Map<String, String> content = new TreeMap<>();
            for (Path file : files.toList()) {
                List<String> lines = Files.isRegularFile(file) ? Files.readAllLines(file) : List.of();
                content.put(file.toString(), String.join("\n", lines));
            }
            return content;
        }
    }
}
