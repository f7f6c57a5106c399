// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OauthReaderTest {

    @TempDir
    Path directory;

    private Settings load(String yaml) throws IOException {
        return Settings.load(Files.writeString(directory.resolve("mcp-mtls.yaml"), yaml));
    }

    @Test
    void readsTheTokensOfOurServersAndOfOthers() throws IOException {
        Settings settings = load("""
            servers:
              weather:
                listen: 127.0.0.1:8443
                oauth: {issuers: [https://login.test]}
              files:
                command: [cat]
                env: {oauth: x}
                oauth:
                  issuers:
                    - https://login.test
                    - url: https://other.test/realm
                      jwks: https://other.test/keys
                      plain-jwt: true
                      client-credential: files
                      introspect: {client: us, secret-file: secrets/us, endpoint: https://other.test/ask}
                  audience: https://files.test/mcp
                  scopes: [read, "files:write"]
                  require: true
                  require-bound: false
            """);

        OauthEntry weather = settings.oauth("weather").orElseThrow();
        assertThat(weather.isRequired()).isFalse();
        assertThat(weather.requiresBound()).isTrue();
        assertThat(weather.audience()).isEmpty();
        OauthEntry files = settings.oauth("files").orElseThrow();
        assertThat(files.isRequired()).isTrue();
        assertThat(files.requiresBound()).isFalse();
        assertThat(files.scopes()).containsExactly("read", "files:write");
        assertThat(files.audience()).contains("https://files.test/mcp");
        OauthEntry.Issuer other = files.issuers().get(1);
        assertThat(other.url()).isEqualTo("https://other.test/realm");
        assertThat(other.jwks()).contains(URI.create("https://other.test/keys"));
        assertThat(other.isPlainJwtAllowed()).isTrue();
        assertThat(other.credential()).contains("files");
        assertThat(other.introspection().orElseThrow().secret()).contains(Path.of("secrets/us"));
        assertThat(files.summary())
                .isEqualTo("access tokens of https://login.test, https://other.test/realm, required, BOUND OR NOT,"
                        + " with the scopes read files:write");
        assertThat(settings.oauth("echo")).isEmpty();
        assertThat(settings.oauth().keySet()).containsExactly("files", "weather");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{}; issuers are missing",
                "{issuers: []}; at least one authorization server",
                "{issuers: https://login.test}; servers.weather.oauth.issuers: takes a list",
                "{issuers: [login.test]}; not an https URL with a host",
                "{issuers: ['https://u@login.test']}; not an https URL with a host",
                "{issuers: ['https://login.test?x']}; neither query nor fragment",
                "{issuers: ['https://login.test', 'https://login.test']}; twice",
                "{issuers: [{jwks: 'https://login.test'}]}; the url is missing",
                "{issuers: [{url: 'https://login.test', jwk: x}]}; did you mean jwks?",
                "{issuers: [{url: 'https://login.test', introspect: {}}]}; the client is missing",
                "{issuers: [{url: 'https://login.test', introspect: x}]}; takes keys of its own",
                "{issuer: ['https://login.test']}; did you mean issuers?",
                "{issuers: ['https://login.test'], require: yes please}; takes true or false",
                "{issuers: ['https://login.test'], scopes: ['a b']}; not a scope",
                "{issuers: ['https://login.test'], audience: [a]}; takes one value",
            })
    void saysWhereAMistakeIs(String oauth, String message) {
        assertThatThrownBy(() -> load("servers:\n  weather:\n    oauth: " + oauth))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("mcp-mtls.yaml:3: servers.weather.oauth")
                .hasMessageContaining(message);
        assertThatThrownBy(() -> load("servers:\n  x:\n    oauth: " + oauth.replace("weather", "x")))
                .hasMessageContaining(message.replace("weather", "x"));
    }

    @Test
    void noOtherSectionHasIt() {
        assertThatThrownBy(() -> load("tls: {oauth: {issuers: []}}")).hasMessageContaining("oauth");
        assertThatThrownBy(() -> load("servers: {weather: {oauth: on}}")).isInstanceOf(BadSettingException.class);
    }
}
