// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.pattern.NamePattern;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnchorEntryTest {

    @TempDir
    private Path dir;

    @Test
    void isAFileOrAFileWithTheNamesItIsBoundTo() {
        List<AnchorEntry> entries = gather("""
            tls:
              trust-anchors:
                - credentials/<name>/ca.crt
                - {file: partner/ca.crt, for: ["spiffe://Partner.example/**", "ip:10.0.0.0/8"]}
                - file: openai.pem
                  for: dns:mtls.prod.connectors.openai.com
                - {file: more.pem}
            """).get(TlsKeys.TRUST_ANCHORS);
        assertThat(entries)
                .extracting(entry -> entry.file().toString())
                .containsExactly("credentials/<name>/ca.crt", "partner/ca.crt", "openai.pem", "more.pem");
        assertThat(entries)
                .extracting(
                        entry -> entry.names().stream().map(NamePattern::text).toList())
                .containsExactly(
                        List.of(),
                        List.of("spiffe://partner.example/**", "ip:10.0.0.0/8"),
                        List.of("dns:mtls.prod.connectors.openai.com"),
                        List.of());
    }

    @Test
    void isPrintedAsAFileThatGivesTheSameAgain() {
        Settings settings =
                gather("tls: {trust-anchors: [\"a b.pem\", {file: 'c\"d.pem', for: ['dns:*.example.com']}, e.pem]}");
        List<String> printed = SettingsText.of(settings);
        assertThat(printed)
                .anyMatch(line -> line.contains(
                        "trust-anchors: [\"a b.pem\", {file: \"c\\\"d.pem\", for: [\"dns:*.example.com\"]}, e.pem]"));
        Settings again = gather(String.join("\n", printed));
        assertThat(again.get(TlsKeys.TRUST_ANCHORS)).isEqualTo(settings.get(TlsKeys.TRUST_ANCHORS));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "[{file: a, fro: ['dns:b.example']}]                | :2:29: tls.trust-anchors: unknown key 'fro'; did"
                        + " you mean 'for'?",
                "[{file: a, names: [x]}]                            | unknown key 'names'; the keys are file and for",
                "[{for: ['dns:b.example']}]                         | :2:19: tls.trust-anchors: the file is missing;"
                        + " write {file: PATH",
                "[{file: a, for: []}]                               | :2:34: tls.trust-anchors: with an empty 'for'",
                "[{file: a, for: }]                                 | with an empty 'for'",
                "[{file: a, for: [7]}]                              | 'for' takes patterns of names",
                "[{file: a, for: [{x: y}]}]                         | 'for' takes patterns of names",
                "[{file: a, for: ['dns:b.example', 'spife://c/**']}]| :2:52: tls.trust-anchors: 'spife://c/**': it"
                        + " does not say",
                "[{file: a, for: ['spife://c/**']}]                 | did you mean 'spiffe:'?",
                "[{file: a, for: ['spiffe://*/**']}]                | pattern of trust domains; write a line for each",
                "[{file: a, for: ['spiffe://a.example']}]           | write spiffe://a.example/** for all names in it",
                "[{file: a, for: ['dns:a*.example']}]               | one whole label on the left",
                "[{file: a, for: ['ip:10.0.0.1/8']}]                | write ip:10.0.0.0/8",
                "[{file: a, for: ['pin:sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=']}] | a pin is a key",
                "[{file: [a]}]                                      | takes a file or {file: PATH",
                "[[a]]                                              | takes a file or {file: PATH",
                "[{file: ''}]                                       | is empty",
                "['{file: a}']                                      | files alone are named here",
                "{file: a}                                          | tls.trust-anchors takes a list",
                "a                                                  | tls.trust-anchors takes a list"
            })
    void isRefusedWithThePlaceAndTheRemedy(String value, String message) {
        assertThatThrownBy(() -> gather("tls:\n  trust-anchors: " + value + "\n"))
                .isInstanceOf(BadSettingException.class)
                .hasMessageStartingWith(dir.resolve("mcp-mtls.yaml").toString() + ":2")
                .hasMessageContaining(message);
    }

    @Test
    void isPlainInAFlagAndItsErrorSaysSo() {
        assertThat(flag("a.pem, b.pem").get(TlsKeys.TRUST_ANCHORS))
                .extracting(AnchorEntry::isBound)
                .containsExactly(false, false);
        for (String text :
                List.of("{file: a.pem}", "a.pem for: dns:a.example", "{file: a.pem, for: [dns:a.example]}")) {
            assertThatThrownBy(() -> flag(text))
                    .hasMessageContaining("--trust-anchors")
                    .hasMessageContaining("mcp-mtls.yaml");
        }
    }

    @Test
    void isReadAgainFromTheFileUnlessAFlagSetsIt() throws IOException {
        Settings settings = gather("tls: {trust-anchors: [a.pem]}\naudit: {sync: always}");
        write("tls: {trust-anchors: [{file: b.pem, for: ['dns:b.example']}]}\naudit: {sync: 1s}");
        Settings current = settings.withCurrent(TlsKeys.TRUST_ANCHORS);
        assertThat(current.elements(TlsKeys.TRUST_ANCHORS))
                .containsExactly("{file: \"b.pem\", for: [\"dns:b.example\"]}");
        assertThat(current.elements(AuditKeys.AUDIT_SYNC)).containsExactly("always");
        write("audit: {sync: 1s}");
        assertThat(settings.withCurrent(TlsKeys.TRUST_ANCHORS).elements(TlsKeys.TRUST_ANCHORS))
                .containsExactly("credentials/<name>/ca.crt");
        write("tls: {trust-anchors: [{file: b.pem, for: []}]}");
        assertThatThrownBy(() -> settings.withCurrent(TlsKeys.TRUST_ANCHORS)).isInstanceOf(BadSettingException.class);
        Settings flagged = flag("a.pem");
        assertThat(flagged.fileOf(TlsKeys.TRUST_ANCHORS)).isEmpty();
        assertThat(flagged.withCurrent(TlsKeys.TRUST_ANCHORS)).isSameAs(flagged);
    }

    private Settings flag(String text) {
        return Settings.gather(
                Optional.of(write("dir: x")),
                Map.of(),
                List.of(Assignment.ofText(TlsKeys.TRUST_ANCHORS, text, "--trust-anchors")));
    }

    private Settings gather(String yaml) {
        return Settings.gather(Optional.of(write(yaml)), Map.of(), List.of());
    }

    private Path write(String yaml) {
        try {
            return Files.writeString(dir.resolve("mcp-mtls.yaml"), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
