// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.runtime.settings.ServerEntry.Command;
import dev.mcpmtls.runtime.settings.ServerEntry.HeaderText;
import dev.mcpmtls.runtime.settings.ServerEntry.Url;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EntryReaderTest {

    @TempDir
    Path directory;

    private List<ServerEntry> read(String yaml) throws IOException {
        return Settings.load(Files.writeString(directory.resolve("mcp-mtls.yaml"), yaml))
                .entries();
    }

    @Test
    void entriesThatShareAnAddressHaveOneCredentialAndPathsOfTheirOwn() throws IOException {
        String yaml = """
            servers:
              files: {command: [server], credential: shared}
              crm: {url: "http://127.0.0.1:9000/mcp", path: %s, credential: %s}
            """;

        ServerEntry.requireApart(read(yaml.formatted("/crm", "shared")));
        assertThatThrownBy(() -> ServerEntry.requireApart(read(yaml.formatted("/mcp", "shared"))))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("mcp-mtls.yaml:3")
                .hasMessageContaining("mcp-mtls.yaml:2")
                .hasMessageContaining("both have the path /mcp");
        assertThatThrownBy(() -> ServerEntry.requireApart(read(yaml.formatted("/crm", "crm"))))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("mcp-mtls.yaml:3")
                .hasMessageContaining("crm and shared");
    }

    @Test
    void readsACommandAndAUrlBesideOurOwnServers() throws IOException {
        List<ServerEntry> entries = read("""
            servers:
              echo: {listen: "127.0.0.1:9445"}
              files:
                listen: "0.0.0.0:8446"
                credential: shared
                command: [npx, -y, server, 1.0]
                process: per-identity
                max-processes: 5
                env: {A: b}
                pass-env: [TOKEN]
                cwd: /srv
                timeout: 30s
                idle-timeout: 5m
                pin: true
              crm:
                path: /crm
                url: "https://crm.internal/mcp"
                client-credential: crm
                headers: {Authorization: {file: secrets/crm}, X-Key: {env: KEY}, X-Plain: v}
            """);

        ServerEntry files = entries.get(0);
        assertThat(files.listen().port()).isEqualTo(8446);
        assertThat(files.credential()).isEqualTo("shared");
        assertThat(files.terms()).isEqualTo(new ServerEntry.Terms(Duration.ofSeconds(30), Duration.ofMinutes(5), true));
        Command command = (Command) files.source();
        assertThat(command.words()).containsExactly("npx", "-y", "server", "1.0");
        assertThat(command.process()).isEqualTo("per-identity");
        assertThat(command.maxProcesses()).isEqualTo(5);
        assertThat(command.env()).containsEntry("A", "b");
        assertThat(command.passEnv()).containsExactly("TOKEN");
        assertThat(command.cwd()).contains(Path.of("/srv"));

        ServerEntry crm = entries.get(1);
        assertThat(crm.listen()).hasToString(ServerEntry.LISTEN);
        assertThat(crm.path()).isEqualTo("/crm");
        assertThat(crm.credential()).isEqualTo("crm");
        assertThat(crm.terms()).isEqualTo(ServerEntry.Terms.STANDARD);
        Url url = (Url) crm.source();
        assertThat(url.clientCredential()).contains("crm");
        assertThat(url.headers().get("Authorization").kind()).isEqualTo(HeaderText.Kind.FILE);
        assertThat(url.headers().get("X-Plain").text()).isEqualTo("v");
        assertThat(crm.toString()).doesNotContain("secrets/crm", "=v");
    }

    private static final String CRM = "servers:\n"
            + "  crm: {url: \"https://crm.test/mcp\", client-credential: crm, headers: {X-Plain: v}, client-oauth:"
            + " {%s}}\n";

    @Test
    void readsTheClientThatGetsTokensForAServer() throws IOException {
        Url url = (Url) read(CRM.formatted("issuer: \"https://login.test\", client-id: gate, method: secret,"
                        + " secret-file: secrets/gate, scopes: [crm], allow: [private-addresses]"))
                .get(0)
                .source();

        assertThat(url.tokens())
                .contains(new TokenClient(
                        "servers.crm.client-oauth",
                        Optional.of("https://login.test"),
                        Optional.of("gate"),
                        OAuthKeys.TokenMethod.SECRET,
                        Optional.of(Path.of("secrets/gate")),
                        Optional.empty(),
                        List.of("crm"),
                        List.of(OAuthKeys.Allowed.PRIVATE_ADDRESSES)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        client-id: gate, method: certificate                          | .issuer: is missing
        issuer: "https://l", method: certificate                      | .client-id: is missing
        issuer: "https://l", client-id: gate                          | .method: there is no person who logs in
        issuer: "https://l", client-id: gate, method: login           | how this program authenticates: certificate, secret, key
        issuer: "https://l", client-id: gate, method: password        | .method: 'password' is none of
        issuer: "https://l", client-id: gate, method: secret          | .secret-file: is missing
        issuer: "https://l", client-id: gate, method: key             | .key-file: is missing
        issuer: "https://l", client-id: gate, method: key, scopes: a  | .scopes: takes a list
        isuer: "https://l", client-id: gate, method: certificate      | .isuer: unknown key; did you mean issuer?
        issuer: {a: b}, client-id: gate, method: certificate          | .issuer: takes one value
        """)
    void refusesAClientThatCannotGetTokens(String client, String why) {
        assertThatThrownBy(() -> read(CRM.formatted(client)))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("mcp-mtls.yaml:2: servers.crm.client-oauth.")
                .hasMessageContaining(why);
    }

    @Test
    void aServerGetsATokenFromOnePlaceAndByACredential() {
        String client = "issuer: \"https://login.test\", client-id: gate, method: certificate";
        assertThatThrownBy(() -> read(CRM.formatted(client).replace("X-Plain", "authorization")))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("mcp-mtls.yaml:2: servers.crm.headers: Authorization is the header of the token");
        assertThatThrownBy(() -> read(CRM.formatted(client).replace("client-credential: crm, ", "")))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("servers.crm.client-oauth: needs client-credential");
    }

    @Test
    void aCombinationNamesOtherEntriesWhoseNamesLeaveNoDoubt() throws IOException {
        String yaml = "servers:\n"
                + "  both: {path: /all, combine: [%s]}\n"
                + "  a: {command: [x]}\n"
                + "  b_: {command: [x]}\n"
                + "  c__d: {command: [x]}\n";
        assertThat(read(yaml.formatted("a")).get(0).source()).isEqualTo(new ServerEntry.Combined(List.of("a")));
        for (String wrong : List.of("b_", "a, c__d", "a, a", "A")) {
            assertThatThrownBy(() -> read(yaml.formatted(wrong)))
                    .isInstanceOf(BadSettingException.class)
                    .hasMessageContaining("mcp-mtls.yaml:2: servers.both.combine");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        files: {listen: "127.0.0.1:1"} | has a command or a url
        files: {command: [a], url: "http://127.0.0.1/"} | has command and url
        wether: {listen: "127.0.0.1:1"} | did you mean servers.weather
        files: {listen: "127.0.0.1:1", comand: [a]} | did you mean command for comand?
        files: {command: [a], proces: shared} | did you mean process
        files: {command: [a], process: each} | process: 'each' is none of per-session
        files: {command: [a], headers: {A: b}} | unknown key here
        files: {command: []} | a list of words
        files: {command: a} | takes a list
        files: {command: [a], max-processes: 0} | max-processes: '0' is not a whole number
        files: {url: "ftp://a/"} | url: 'ftp://a/' does not begin with http:// or https://
        files: {url: "127.0.0.1:9000"} | url: '127.0.0.1:9000' does not begin with http:// or https://; write a URL such as
        files: {url: "http://a b/"} | is not a URL
        files: {url: "http://user:pw@a/"} | url: 'http://...@a/' has no host, or has a user
        files: {url: "http://a/", headers: {Host: b}} | sets itself
        files: {url: "http://a/", headers: {Client-Cert: b}} | sets itself
        files: {url: "http://a/", headers: {A: {fil: b}}} | takes a value
        files: {command: [a], path: mcp} | not a path
        files: {command: [a], timeout: soon} | servers.files.timeout
        files: {command: [a], idle-timeout: 0s} | servers.files.idle-timeout
        both: {combine: []} | takes a list of other servers
        both: {combine: [files]} | there is no server 'files'
        both: {combine: [both]} | is a combination itself
        both: {combine: [both], pin: true} | unknown key here
        both: {combine: [both], url: "http://a/"} | has url and combine
        files: {command: [a], pin: yess} | takes true or false
        files: {url: "http://a/", unsafe-plain-upstream: maybe} | takes true or false
        all: {command: [a]} | is not 'all'
        """)
    void refusesWhatIsNotAnEntry(String entry, String why) {
        assertThatThrownBy(() -> read("servers:\n  " + entry + "\n"))
                .isInstanceOf(BadSettingException.class)
                .hasMessageContaining("mcp-mtls.yaml:2")
                .hasMessageContaining(why);
    }
}
