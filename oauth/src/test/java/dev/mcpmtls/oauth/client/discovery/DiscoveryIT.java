// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client.discovery;

import static dev.mcpmtls.oauth.client.OAuthWorld.challenge;
import static dev.mcpmtls.oauth.client.OAuthWorld.json;
import static dev.mcpmtls.oauth.client.OAuthWorld.unauthorized;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.oauth.client.OAuthWorld;
import dev.mcpmtls.oauth.client.OAuthWorldFixture;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import dev.mcpmtls.oauth.client.web.UrlRules;
import dev.mcpmtls.oauth.client.web.Web;
import dev.mcpmtls.protocol.token.Challenge;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DiscoveryIT extends OAuthWorldFixture {

    private static final String BELOW = "/.well-known/oauth-protected-resource/mcp";
    private static final String ROOT = "/.well-known/oauth-protected-resource";
    private static final String OF_SERVER = "/.well-known/oauth-authorization-server/as";

    private Discovery discovery;

    @BeforeEach
    void start() throws Exception {
        Web web =
                new Web(world.tls, new UrlRules(world.mcp(), Set.of(), Set.of()), world.mcp(), Optional.empty(), false);
        discovery = new Discovery(web, world.mcp());
    }

    @Test
    void asksWhereTheChallengeSays() {
        world.handlers.put("/custom", request -> json(200, world.resource));

        ProtectedResource found = discovery.protectedResource(named(world.origin() + "/custom"));

        assertThat(found.resource()).isEqualTo(world.mcp().toString());
        assertThat(found.issuers()).containsExactly(world.issuer());
        assertThat(world.to(BELOW)).isEmpty();
    }

    @Test
    void asksAtTheWellKnownPlacesInOrder() {
        world.handlers.remove(BELOW);
        world.resource.put("resource", world.origin());
        world.handlers.put(ROOT, request -> json(200, world.resource));

        assertThat(discovery.protectedResource(unauthorized()).resource()).isEqualTo(world.origin());
        assertThat(world.to(BELOW)).hasSize(1);
    }

    @Test
    void takesAServerWithoutMetadataForItsOwnAuthorizationServer() {
        world.handlers.remove(BELOW);

        ProtectedResource found = discovery.protectedResource(unauthorized());

        assertThat(found.issuers()).containsExactly(world.origin());
        assertThat(discovery.authorizationServer(world.origin(), false).tokenEndpoint())
                .hasToString("Optional[" + world.origin() + "/token]");
        fails(Why.METADATA, () -> discovery.authorizationServer(world.origin(), true));
    }

    @Test
    void doesNotFallBackWhenTheNamedMetadataIsMissing() {
        fails(Why.METADATA, () -> discovery.protectedResource(named(world.origin() + "/missing")));
        assertThat(world.to(BELOW)).isEmpty();
    }

    @Test
    void refusesTheMetadataOfAnotherResource() {
        for (String other : List.of(
                "https://evil.example/mcp", world.origin() + "/mc", world.mcp() + "/", world.mcp() + "?x", "")) {
            world.resource.put("resource", other);
            fails(Why.RESOURCE, () -> discovery.protectedResource(unauthorized()));
        }
    }

    @Test
    void believesAResourceAboveItsOwnOnlyAtThatResourcesPlace() {
        world.resource.put("resource", world.origin());
        world.handlers.put("/tenant", request -> json(200, world.resource));

        fails(Why.RESOURCE, () -> discovery.protectedResource(named(world.origin() + "/tenant")));
        fails(Why.RESOURCE, () -> discovery.protectedResource(unauthorized()));
        world.handlers.put(ROOT, request -> json(200, world.resource));
        assertThat(discovery.protectedResource(named(world.origin() + ROOT)).resource())
                .isEqualTo(world.origin());
    }

    @Test
    void refusesTheMetadataOfAnotherIssuer() {
        assertThat(discovery.authorizationServer(world.issuer(), true).issuer()).isEqualTo(world.issuer());
        for (String other : List.of("https://honest.example", world.issuer() + "/", world.origin())) {
            world.server.put("issuer", other);
            fails(Why.ISSUER, () -> discovery.authorizationServer(world.issuer(), true));
        }
    }

    @Test
    void findsMetadataAtThePlacesOfOpenIdProviders() {
        for (String place : List.of("/.well-known/openid-configuration/as", "/as/.well-known/openid-configuration")) {
            world.handlers.keySet().removeIf(path -> path.contains("openid") || path.equals(OF_SERVER));
            world.handlers.put(place, request -> json(200, world.server));

            assertThat(discovery.authorizationServer(world.issuer(), true).hasProofOfCode())
                    .isTrue();
        }
    }

    @Test
    void followsNoRedirect() {
        world.handlers.put(
                BELOW, request -> new OAuthWorld.Answer(302, Map.of("Location", world.origin() + "/elsewhere"), ""));

        fails(Why.METADATA, () -> discovery.protectedResource(unauthorized()));
        assertThat(world.to("/elsewhere")).isEmpty();
    }

    @Test
    void sendsBackNoCookies() {
        world.handlers.put(BELOW, request -> {
            OAuthWorld.Answer answer = json(200, world.resource);
            return new OAuthWorld.Answer(200, Map.of("Set-Cookie", "track=1; Path=/"), answer.body());
        });

        discovery.protectedResource(unauthorized());
        discovery.authorizationServer(world.issuer(), true);

        assertThat(world.requests)
                .hasSize(2)
                .noneMatch(request -> request.headers().containsKey("Cookie"));
    }

    @Test
    void readsNoMetadataThatIsHugeOrDeepOrNoJson() {
        Map<String, Why> bodies = Map.of(
                "{\"resource\":\"" + "x".repeat(300_000) + "\"}",
                Why.UNREACHABLE,
                "{\"a\":" + "[".repeat(1_000) + "]".repeat(1_000) + "}",
                Why.METADATA,
                "{\"resource\":1,\"resource\":2}",
                Why.METADATA,
                "<html>",
                Why.METADATA);
        bodies.forEach((body, why) -> {
            world.handlers.put(BELOW, request -> new OAuthWorld.Answer(200, Map.of(), body));
            fails(why, () -> discovery.protectedResource(unauthorized()));
        });
    }

    @Test
    void doesNotAskForPlainOrForeignAddresses() {
        for (String url : List.of(
                "http://localhost/metadata",
                "https://169.254.169.254/latest",
                "https://10.0.0.1/",
                "https://user@localhost/",
                "file:///etc/passwd",
                "https://[fe80::1]/",
                "https://localhost/#x",
                "not a url")) {
            fails(Why.ADDRESS, () -> discovery.protectedResource(named(url)));
        }
        assertThat(world.requests).isEmpty();
    }

    @Test
    void takesTheFirstOfTenThousandAuthorizationServersAndAsksNoneOfThem() {
        world.resource.put(
                "authorization_servers",
                IntStream.range(0, 10_000)
                        .mapToObj(i -> "https://" + i + ".example")
                        .toList());

        assertThat(discovery.protectedResource(unauthorized()).issuers())
                .hasSize(64)
                .startsWith("https://0.example");
        assertThat(world.requests).hasSize(1);
    }

    @Test
    void unpacksNothing() throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (OutputStream packed = new GZIPOutputStream(bomb)) {
            packed.write(new byte[100 * 1024 * 1024]);
        }
        world.handlers.put(
                BELOW,
                request -> new OAuthWorld.Answer(
                        200, Map.of("Content-Encoding", "gzip"), bomb.toString(StandardCharsets.ISO_8859_1)));

        fails(Why.METADATA, () -> discovery.protectedResource(unauthorized()));
        assertThat(world.to(BELOW)).noneMatch(request -> request.headers().containsKey("Accept-encoding"));
    }

    @Test
    void followsNoRedirectToOtherKindsOfLocation() {
        for (String location : List.of("file:///etc/passwd", "http://localhost/", "//localhost/", "gopher://x")) {
            world.handlers.put(BELOW, request -> new OAuthWorld.Answer(307, Map.of("Location", location), ""));
            fails(Why.METADATA, () -> discovery.protectedResource(unauthorized()));
        }
        assertThat(world.requests).hasSize(4);
    }

    @Test
    void usesNoEndpointThatTheMetadataPutsElsewhere() throws Exception {
        for (String endpoint : List.of(
                "http://localhost/token",
                "https://169.254.169.254/token",
                "https://user@localhost/token",
                "https://[::ffff:169.254.1.1]/token",
                "https://2130706433/token",
                "https://localhost:0/token",
                "file:///etc/passwd")) {
            world.server.put("token_endpoint", endpoint);
            assertThatThrownBy(() -> OAuthWorld.await(
                            world.program(OAuthWorld.SECRET).build().answer(unauthorized(), Optional.empty())))
                    .as(endpoint)
                    .isInstanceOf(NoTokenException.class);
        }
        assertThat(world.to("/token")).isEmpty();
    }

    private static Challenge named(String url) {
        return challenge(401, "resource_metadata=\"" + url + "\"");
    }

    private static void fails(Why why, ThrowingCallable step) {
        assertThatThrownBy(step)
                .isInstanceOfSatisfying(
                        NoTokenException.class,
                        failure -> assertThat(failure.why()).isEqualTo(why));
    }
}
