// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.auditlog.AuditSettings.Sync;
import dev.mcpmtls.transport.server.http.ListenAddress;
import dev.mcpmtls.trust.Relaxation;
import dev.mcpmtls.trust.TrustPolicy.Validation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

    @TempDir
    private Path dir;

    @Test
    void everyKeyHasItsOwnVariable() {
        assertThat(Keys.all()).extracting(Key::path).doesNotHaveDuplicates();
        assertThat(Keys.all()).extracting(Key::variable).doesNotHaveDuplicates();
    }

    @Test
    void isStrictUnlessTold() {
        Settings settings = gather("", Map.of(), Map.of());

        assertThat(settings.get(TlsKeys.VALIDATION)).isEqualTo(Validation.STRICT);
        assertThat(settings.get(TlsKeys.RELAX)).isEmpty();
        assertThat(settings.get(AuditKeys.AUDIT_SYNC)).isEqualTo(new Sync.Every(Duration.ofSeconds(1)));
        assertThat(settings.get(Keys.WEATHER.listen())).isEqualTo(new ListenAddress("127.0.0.1", 8443));
        assertThat(settings.find(TlsKeys.DENY_LIST)).isEmpty();
        assertThat(settings.find(TlsKeys.OCSP_RESPONSE)).isEmpty();
        assertThat(settings.origin(TlsKeys.VALIDATION)).isEqualTo("default");
    }

    @Test
    void aFlagWinsOverAVariableAVariableOverTheFileTheFileOverTheDefault() {
        String yaml = "dir: from-file\ntrust-domain: file.example\nhttp:\n  max-body: 1MiB\n";
        Map<String, String> variables =
                Map.of("MCP_MTLS_DIR", "from-variable", "MCP_MTLS_TRUST_DOMAIN", "variable.example");

        Settings settings = gather(yaml, variables, Map.of(Keys.DIR, "from-flag"));

        assertThat(settings.get(Keys.DIR)).isEqualTo(Path.of("from-flag"));
        assertThat(settings.origin(Keys.DIR)).isEqualTo("--dir");
        assertThat(settings.get(Keys.TRUST_DOMAIN)).isEqualTo("variable.example");
        assertThat(settings.origin(Keys.TRUST_DOMAIN)).isEqualTo("MCP_MTLS_TRUST_DOMAIN");
        assertThat(settings.get(LimitKeys.MAX_BODY)).isEqualTo(1 << 20);
        assertThat(settings.origin(LimitKeys.MAX_BODY)).isEqualTo(file() + ":4");
    }

    @Test
    void readsTheFormsOfTheFile() {
        Settings settings = gather("""
            tls:
              validation: relaxed
              relax: [expired, hostname]
              revocation: {crl: [], mode: hard-fail, deny-list: null}
            servers:
              weather: {listen: "[::1]:0", credential: other}
            audit: {sync: always}
            """, Map.of("MCP_MTLS_TLS_GROUPS", "X25519, P-256"), Map.of());

        assertThat(settings.get(TlsKeys.RELAX)).containsExactly(Relaxation.EXPIRED, Relaxation.HOSTNAME);
        assertThat(settings.get(TlsKeys.CRL)).isEmpty();
        assertThat(settings.get(Keys.WEATHER.listen())).isEqualTo(new ListenAddress("::1", 0));
        assertThat(settings.get(Keys.WEATHER.credential())).isEqualTo("other");
        assertThat(settings.get(AuditKeys.AUDIT_SYNC)).isEqualTo(new Sync.Always());
        assertThat(settings.get(TlsKeys.GROUPS)).containsExactly("X25519", "P-256");
    }

    @Test
    void readsWhatCallersMayCost() {
        Settings settings = gather("""
            http: {first-request-timeout: 1s, body-timeout: 2s, write-timeout: 3s}
            limits:
              in-flight: 1
              streams-per-connection: 2
              streams-per-identity: 3
              sessions: 4
              request-bytes: 5MiB
              request-bytes-per-identity: 6MiB
              answer-bytes-per-identity: 7MiB
            proxy-protocol: {from: [10.0.0.0/8, "fd00::/8"]}
            audit: {timeout: 4s, rejections-per-minute: 8, rejections-per-minute-per-address: 9}
            """, Map.of(), Map.of());

        assertThat(settings.get(LimitKeys.FIRST_REQUEST_TIMEOUT)).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.get(LimitKeys.BODY_TIMEOUT)).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.get(LimitKeys.WRITE_TIMEOUT)).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.get(AuditKeys.AUDIT_TIMEOUT)).isEqualTo(Duration.ofSeconds(4));
        assertThat(settings.get(LimitKeys.MAX_IN_FLIGHT)).isEqualTo(1);
        assertThat(settings.get(LimitKeys.MAX_STREAMS_PER_CONNECTION)).isEqualTo(2);
        assertThat(settings.get(LimitKeys.MAX_STREAMS_PER_IDENTITY)).isEqualTo(3);
        assertThat(settings.get(LimitKeys.MAX_SESSIONS)).isEqualTo(4);
        assertThat(settings.find(LimitKeys.MAX_REQUEST_BYTES)).contains(5L << 20);
        assertThat(settings.get(LimitKeys.MAX_REQUEST_BYTES_PER_IDENTITY)).isEqualTo(6L << 20);
        assertThat(settings.find(LimitKeys.MAX_ANSWER_BYTES)).isEmpty();
        assertThat(settings.get(LimitKeys.MAX_ANSWER_BYTES_PER_IDENTITY)).isEqualTo(7L << 20);
        assertThat(settings.get(LimitKeys.PROXY_PROTOCOL_FROM)).containsExactly("10.0.0.0/8", "fd00::/8");
        assertThat(settings.get(AuditKeys.AUDIT_REJECTIONS)).isEqualTo(8);
        assertThat(settings.get(AuditKeys.AUDIT_REJECTIONS_PER_ADDRESS)).isEqualTo(9);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tls:\\n  validaton: strict          | :2: unknown key 'tls.validaton'; did you mean 'tls.validation'?",
                "validation: strict                  | :1: unknown key 'validation'; did you mean 'tls.validation'?",
                "tsl: {validation: strict}           | :1: unknown key 'tsl'; did you mean 'tls'?",
                "nothing-like-it-at-all: 1           | :1: unknown key 'nothing-like-it-at-all'; see Keys.all()",
                "tls:\\n  validation: lax            | :2: tls.validation: 'lax' is none of strict, relaxed, pinned",
                "http:\\n"
                        + "\\n"
                        + "  max-body: 4 potatoes   | :3: http.max-body: '4 potatoes' is not a size such as 64KiB or"
                        + " 4MiB",
                "audit: {sync: 0s}                   | :1: audit.sync: '0s' is not a duration such as 10s, 24h or"
                        + " 3650d",
                "http: {write-timeout: 0s}            | :1: http.write-timeout: '0s' is not a duration",
                "http: {write-timeout: 36501d}        | :1: http.write-timeout: '36501d' is more than 36500d",
                "limits: {answer-bytes: none}        | :1: limits.answer-bytes: 'none' is not a size",
                "limits: {request-bytes: 0}          | :1: limits.request-bytes: '0' is not a size",
                "limits: {request-bytes: 1025GiB}    | :1: limits.request-bytes: '1025GiB' is more than 1024GiB",
                "limits: {request-bytes: 999999999999GiB} | :1: limits.request-bytes: '999999999999GiB' is more than"
                        + " 1024GiB",
                "http: {max-body: 2GiB}              | :1: http.max-body: '2GiB' is more than 1GiB",
                "proxy-protocol: {from: 10.0.0.0/8}  | :1: proxy-protocol.from takes a list, such as [NETWORK,...]",
                "proxy-protocol: {from: [lb]}        | :1: proxy-protocol.from: 'lb' is not a network such as"
                        + " 10.0.0.0/8",
                "proxy-protocol: {from: [0.0.0.0/0]} | :1: proxy-protocol.from: '0.0.0.0/0' has no prefix from 1 to"
                        + " 32",
                "limits: {in-flight: 0}              | :1: limits.in-flight: '0' is not a whole number from 1",
                "authority: {pkcs11: {slot: 2147483648}} | slot: '2147483648' is not a whole number from 0 to"
                        + " 2147483647",
                "audit: {rejections-per-minute: 0}   | :1: audit.rejections-per-minute: '0' is not a whole number",
                "coordinator:\\n"
                        + "  timeout:           | :2: coordinator.timeout has no value; remove the line to get the"
                        + " default",
                "tls: [strict]                       | :1: tls takes keys of its own, indented in the lines below it",
                "tls: strict                         | :1: tls takes keys of its own, indented in the lines below it",
                "dir: [a, b]                         | :1: dir takes one value: PATH",
                "dir: {a: b}                         | :1: dir takes one value: PATH",
                "tls: {groups: X25519}               | :1: tls.groups takes a list, such as [GROUP,...]",
                "tls: {relax: [expired]}             | :1: tls.relax has no effect while tls.validation is strict",
                "tls: {engine: jdk, ocsp-response: a}| :1: tls.ocsp-response has no effect while tls.engine is jdk",
                "tls: {ocsp-response: [a, b]}        | :1: tls.ocsp-response takes one value: PATH",
                "tls: {validation: pinned}           | :1: pinned validation needs either tls.pins",
                "servers: {weather: {listen: 8443}}  | :1: servers.weather.listen: '8443' is not an address to"
                        + " listen on",
                "audit: {sync: fast}                 | :1: audit.sync: 'fast' is not a duration such as 10s, 24h or"
                        + " 3650d, nor 'always'",
                "dir: a\\ndir: b                     | :2: 'dir' is here a second time; keep one of them",
                "dir: a\\ntls:\\n\\tengine: jdk        | :3: there is a tab; indent with spaces",
                "dir: a\\ntls: {engine: jdk           | :2: the map that begins with '{' is not closed",
                "dir: a\\ntls:\\n  relax: [expired\\n   | :3: the list that begins with '[' is not closed",
                "dir: \"a\\ntrust-domain: b            | :1: the quotation mark that opens here is never closed",
                "trust-domain: 'b                    | :1: the quotation mark that opens here is never closed",
                "dir: \"C:\\work\"                     | :1: a backslash means something else in double quotes",
                "dir: a: b                           | :1: there is a ':' too many",
                "dir: a\\nb                           | :2: there is no ':' after the key",
                "dir: @a                             | :1: a value that begins with '@' has to be in quotes",
                "tls:\\n    engine: jdk\\n  relax: []  | :3: the line is not indented like the keys beside it",
                "dir: a\u0001b                       | : this is not plain UTF-8 text",
                "dir: a\\n---\\ndir: b                | :3: a second document begins",
                "- dir                               | :1: keys and values are expected",
            })
    void namesFileLineAndKeyOfWhatItCannotUse(String yaml, String message) {
        assertThatThrownBy(() -> gather(yaml.replace("\\n", "\n").replace("\\t", "\t"), Map.of(), Map.of()))
                .isInstanceOf(BadSettingException.class)
                .hasMessageStartingWith(file().toString())
                .hasMessageContaining(message);
    }

    @Test
    void refusesAFileThatIsNoText() throws IOException {
        Files.write(file(), new byte[] {'d', 'i', 'r', ':', ' ', (byte) 0xff});

        assertThatThrownBy(() -> Settings.gather(Optional.of(file()), Map.of(), List.of()))
                .hasMessage(file()
                        + ": this is not plain UTF-8 text; save the file as UTF-8 without control characters,"
                        + " or check Settings.load");
    }

    @Test
    void namesTheFlagOrVariableOfABadValue() {
        assertThatThrownBy(() -> gather("", Map.of(), Map.of(TlsKeys.ENGINE, "openssl")))
                .hasMessage("--engine: 'openssl' is none of auto, boringssl, jdk");
        assertThatThrownBy(() -> gather("", Map.of("MCP_MTLS_LIMITS_CONNECTIONS", "-1"), Map.of()))
                .hasMessageStartingWith("MCP_MTLS_LIMITS_CONNECTIONS: '-1' is not a whole number");
    }

    @Test
    void refusesAMisspeltVariableAndLeavesThoseOfOthersAlone() {
        assertThatThrownBy(() -> gather("", Map.of("MCP_MTLS_TLS_VALIDATON", "strict"), Map.of()))
                .hasMessage("unknown variable MCP_MTLS_TLS_VALIDATON; did you mean MCP_MTLS_TLS_VALIDATION?");

        gather("", Map.of("MCP_MTLS_SERVICE_PORT_HTTPS", "443"), Map.of());
    }

    @Test
    void saysSoWhenTheNamedFileIsMissing() {
        assertThatThrownBy(() -> Settings.gather(Optional.of(dir.resolve("none.yaml")), Map.of(), List.of()))
                .hasMessageContaining("there is no configuration file");
    }

    @Test
    void printsAFileThatGivesTheSameSettingsAgain() {
        Settings settings = gather(
                "tls: {validation: relaxed, relax: [expired]}\nservers: {echo: {listen: \"[::1]:1\"}}",
                Map.of(),
                Map.of(Keys.DIR, "a \"dir\\"));
        List<String> printed = SettingsText.of(settings);

        Settings again = gather(String.join("\n", printed), Map.of(), Map.of());

        assertThat(Keys.all()).allSatisfy(key -> assertThat(again.elements(key)).isEqualTo(settings.elements(key)));
        assertThat(printed).anyMatch(line -> line.matches("dir: .* # --dir"));
        assertThat(printed).anyMatch(line -> line.matches("  validation: relaxed +# .*mcp-mtls.yaml:1"));
    }

    private Settings gather(String yaml, Map<String, String> environment, Map<Key<?>, String> flags) {
        List<Assignment> given = flags.entrySet().stream()
                .map(flag -> Assignment.ofText(
                        flag.getKey(),
                        flag.getValue(),
                        "--" + flag.getKey().path().replace("tls.", "").replace('.', '-')))
                .toList();
        try {
            return Settings.gather(Optional.of(Files.writeString(file(), yaml)), environment, given);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path file() {
        return dir.resolve("mcp-mtls.yaml");
    }
}
