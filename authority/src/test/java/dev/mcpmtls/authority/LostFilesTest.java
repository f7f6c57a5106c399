// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.authority.Initialisation.Outcome;
import dev.mcpmtls.authority.Initialisation.Step;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.DnsName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A credential that lost some or all of its files is reported and can be restored. */
class LostFilesTest {

    private final FixedSurroundings fixed = new FixedSurroundings();

    @TempDir
    Path directory;

    private Store store;
    private Authority authority;

    @BeforeEach
    void initialise() {
        store = Store.at(directory.resolve("store"));
        fixed.initialise(store);
        authority = fixed.open(store);
    }

    @Test
    void initMakesAgainWhatLeadsNowhere() throws IOException {
        remove(directory.resolve("store/credentials/.versions/datetime"));

        List<Step> made = fixed.initialise(store).steps().stream()
                .filter(step -> step.outcome() == Outcome.MADE)
                .toList();

        assertThat(made).extracting(Step::what).containsExactly("datetime");
        assertThat(Credential.load(store.credential("datetime")).name()).isEqualTo("datetime");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls.crt", "tls.key", "ca.crt"})
    void initMakesAgainWhatLacksAFile(String file) throws IOException {
        Files.delete(store.credential("datetime").toRealPath().resolve(file));

        assertThat(fixed.initialise(store).changedNothing()).isFalse();
        assertThat(store.credential("datetime").resolve(file)).isRegularFile();
        assertThat(fixed.initialise(store).changedNothing()).isTrue();
    }

    @Test
    void issueMakesAgainWhatLeadsNowhere() throws IOException {
        remove(directory.resolve("store/credentials/.versions/datetime"));

        authority.issue(Grant.server("demo.local", "datetime"), KeyType.EC_P256);

        assertThat(Credential.load(store.credential("datetime")).name()).isEqualTo("datetime");
    }

    @Test
    void rekeySaysWhatTheLostCertificateSaid() throws Exception {
        authority.rekey("datetime", grant -> grant.withNames(List.of(new DnsName("time.example"))));
        remove(directory.resolve("store/credentials/.versions/datetime"));

        var again = authority.rekey("datetime").chain().leaf();

        assertThat(again.getSubjectAlternativeNames()).containsExactly(List.of(2, "time.example"));
        assertThat(again.getNotAfter()).isEqualTo("2026-11-23T10:00:00Z");
        assertThat(again.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    }

    @Test
    void rekeyKnowsAllKindsOfNames() throws Exception {
        var before = authority.renew("weather").chain().leaf().getSubjectAlternativeNames();
        Files.delete(store.credential("weather").toRealPath().resolve("tls.crt"));

        assertThat(authority.rekey("weather").chain().leaf().getSubjectAlternativeNames())
                .containsExactlyElementsOf(before);
    }

    @Test
    void renewSaysWhatMendsIt() throws IOException {
        remove(directory.resolve("store/credentials/.versions/datetime"));

        assertThatThrownBy(() -> authority.renew("datetime"))
                .isInstanceOf(AuthorityException.StoreFailed.class)
                .hasMessageContaining("its files are gone")
                .hasMessageContaining("the authority of the credential datetime issue it again with a new key");
        assertThat(authority.renewable()).contains("datetime");
    }

    @Test
    void nothingReplacesALinkOfTheOperators() throws IOException {
        Path link = store.credential("elsewhere");
        Files.createSymbolicLink(link, directory.resolve("not-mounted"));

        assertThatThrownBy(() -> authority.issue(Grant.agent("demo.local", "elsewhere"), KeyType.EC_P256))
                .hasMessageContaining("was not created here");
        assertThat(Files.readSymbolicLink(link)).isEqualTo(directory.resolve("not-mounted"));
    }

    private static void remove(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
