// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.identity.SpiffeId;
import dev.mcpmtls.oauth.client.OAuthWorld;
import dev.mcpmtls.oauth.client.OAuthWorldFixture;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WebIT extends OAuthWorldFixture {

    private static final String TRUST_STORE = "javax.net.ssl.trustStore";
    private static final String TRUST_STORE_PASSWORD = "javax.net.ssl.trustStorePassword";

    @BeforeEach
    void start() throws Exception {
        world.handlers.put("/x", request -> new OAuthWorld.Answer(200, Map.of(), "here"));
    }

    @AfterEach
    void stop() {
        System.clearProperty(TRUST_STORE);
        System.clearProperty(TRUST_STORE_PASSWORD);
    }

    private Web web(URI server, boolean isPublic, Duration limit) {
        return new Web(world.tls, new UrlRules(server, Set.of(), Set.of()), server, Optional.empty(), isPublic, limit);
    }

    private Web.Answer asked(Web web) {
        return web.get("it", URI.create(world.origin() + "/x"));
    }

    @Test
    void givesUpOnAServerThatDoesNotEndItsAnswer() {
        CountDownLatch end = new CountDownLatch(1);
        world.handlers.put("/x", request -> {
            end.await();
            return new OAuthWorld.Answer(200, Map.of(), "");
        });

        assertThatThrownBy(() -> asked(web(world.mcp(), false, Duration.ofMillis(300))))
                .isInstanceOfSatisfying(
                        NoTokenException.class,
                        failure -> assertThat(failure.why()).isEqualTo(Why.UNREACHABLE));
        end.countDown();
    }

    @Test
    void verifiesTheMcpServerByTheProfileInAnyCase() {
        Web web = web(world.mcp(), true, Duration.ofSeconds(20));

        assertThat(asked(web).body()).isEqualTo("here");
        assertThat(web.get("it", URI.create(world.origin().replace("localhost", "LOCALHOST") + "/x"))
                        .body())
                .isEqualTo("here");
    }

    @Test
    void readsMetadataOfAServerThatOnlyASpiffeIdNames() throws Exception {
        SpiffeId id = SpiffeId.parse("spiffe://demo.local/server/crm");
        try (OAuthWorld nameless =
                new OAuthWorld(directory, spec -> spec.withoutNames().uri(id.text()))) {
            nameless.handlers.put("/x", request -> new OAuthWorld.Answer(200, Map.of(), "here"));
            URI url = URI.create(nameless.origin() + "/x");

            assertThat(expecting(nameless, Optional.of(id)).get("it", url).body())
                    .isEqualTo("here");
            for (Optional<Identity> other : List.of(
                    Optional.<Identity>empty(),
                    Optional.<Identity>of(SpiffeId.parse("spiffe://demo.local/server/hr")))) {
                assertThatThrownBy(() -> expecting(nameless, other).get("it", url))
                        .isInstanceOf(NoTokenException.class);
            }
            assertThat(nameless.requests).hasSize(1);
        }
    }

    @Test
    void expectsThatNameOfTheMcpServerAlone() {
        SpiffeId id = SpiffeId.parse("spiffe://demo.local/server/login");
        Optional<Identity> other = Optional.of(SpiffeId.parse("spiffe://demo.local/server/crm"));

        assertThat(expecting(world, Optional.of(id))
                        .get("it", URI.create(world.origin() + "/x"))
                        .body())
                .isEqualTo("here");
        assertThatThrownBy(() -> expecting(world, other).get("it", URI.create(world.origin() + "/x")))
                .isInstanceOf(NoTokenException.class);
        URI elsewhere = URI.create("https://localhost:1/mcp");
        Web web = new Web(world.tls, new UrlRules(elsewhere, Set.of(), Set.of()), elsewhere, other, false);
        assertThat(asked(web).body()).as("another server").isEqualTo("here");
    }

    private static Web expecting(OAuthWorld of, Optional<Identity> expected) {
        return new Web(of.tls, new UrlRules(of.mcp(), Set.of(), Set.of()), of.mcp(), expected, false);
    }

    @Test
    void verifiesOthersByPublicAuthoritiesWhereTheOperatorSaysSo() throws Exception {
        URI elsewhere = URI.create("https://localhost:1/mcp");
        assertThatThrownBy(() -> asked(web(elsewhere, true, Duration.ofSeconds(20))))
                .isInstanceOf(NoTokenException.class);

        KeyStore authorities = KeyStore.getInstance("PKCS12");
        authorities.load(null, null);
        authorities.setCertificateEntry("ca", world.ca.certificate());
        Path file = directory.resolve("authorities.p12");
        try (var out = Files.newOutputStream(file)) {
            authorities.store(out, "changeit".toCharArray());
        }
        System.setProperty(TRUST_STORE, file.toString());
        System.setProperty(TRUST_STORE_PASSWORD, "changeit");

        assertThat(asked(web(elsewhere, true, Duration.ofSeconds(20))).body()).isEqualTo("here");
        assertThat(world.to("/x").get(0).peer())
                .isEqualTo(world.own.current().chain().leaf());
    }
}
