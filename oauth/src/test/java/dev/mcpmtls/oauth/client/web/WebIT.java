// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.oauth.client.OAuthWorld;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebIT {

    private static final String TRUST_STORE = "javax.net.ssl.trustStore";
    private static final String TRUST_STORE_PASSWORD = "javax.net.ssl.trustStorePassword";

    @TempDir
    Path directory;

    private OAuthWorld world;

    @BeforeEach
    void start() throws Exception {
        world = new OAuthWorld(directory);
        world.handlers.put("/x", request -> new OAuthWorld.Answer(200, Map.of(), "here"));
    }

    @AfterEach
    void stop() {
        world.close();
        System.clearProperty(TRUST_STORE);
        System.clearProperty(TRUST_STORE_PASSWORD);
    }

    private Web web(URI server, boolean isPublic, Duration limit) {
        return new Web(world.tls, new UrlRules(server, Set.of(), Set.of()), server, isPublic, limit);
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
        assertThat(asked(web(world.mcp(), true, Duration.ofSeconds(20))).body()).isEqualTo("here");
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
