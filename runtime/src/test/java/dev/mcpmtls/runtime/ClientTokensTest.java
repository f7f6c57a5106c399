// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.oauth.client.login.Browser;
import dev.mcpmtls.protocol.token.Challenge;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.testkit.Issued;
import dev.mcpmtls.testkit.ThrowawayCa;
import dev.mcpmtls.tls.TlsProfile;
import dev.mcpmtls.tls.reload.ReplaceableCredential;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientTokensTest {

    private static final ThrowawayCa CA = ThrowawayCa.root("Client Token Root");
    private static final URI SERVER = URI.create("https://mcp.example/mcp");
    private static final Challenge WANTED = new Challenge(401, List.of(), Optional.empty());

    @TempDir
    private Path store;

    private ClientTokens tokens(String oauth) throws Exception {
        Issued agent = CA.client("agent");
        Path anchors = Files.writeString(
                store.resolve("ca.crt"),
                Issued.pem("CERTIFICATE", CA.certificate().getEncoded()));
        TlsProfile profile = TlsProfile.builder(
                        new ReplaceableCredential(Credential.of("agent", agent.privateKey(), new Chain(agent.chain()))),
                        new ChainVerifier(TrustPolicy.strict(TrustAnchors.load(anchors)), InstantSource.system()))
                .build();
        String yaml = "dir: '" + store + "'\noauth: " + oauth + "\n";
        Settings settings = Settings.load(Files.writeString(store.resolve("mcp-mtls.yaml"), yaml));
        return new ClientTokens(settings, SERVER, profile, Browser.none());
    }

    @Test
    void areForTheirServerAlone() throws Exception {
        assertThat(tokens("{method: login}").server()).contains(SERVER);
    }

    @Test
    void failTheRequestWhenTheSettingsLackASecret() throws Exception {
        ClientTokens tokens = tokens("{method: secret, issuer: 'https://login.example', client-id: agent}");
        Files.createDirectories(store.resolve("tokens"));

        for (var wanted : List.of(tokens.current(), tokens.answer(WANTED, Optional.empty()))) {
            assertThat(wanted.toCompletableFuture())
                    .isCompletedExceptionally()
                    .failsWithin(Duration.ZERO)
                    .withThrowableThat()
                    .withCauseInstanceOf(BadSettingException.class)
                    .withMessageContaining("oauth.secret-file");
        }
    }

    @Test
    void areNoneBeforeAServerWantsOne() throws Exception {
        assertThat(tokens("{method: login}").current().toCompletableFuture().join())
                .isEmpty();
    }
}
