// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client;

import static dev.mcpmtls.oauth.client.OAuthWorld.await;
import static dev.mcpmtls.oauth.client.OAuthWorld.challenge;
import static dev.mcpmtls.oauth.client.OAuthWorld.json;
import static dev.mcpmtls.oauth.client.OAuthWorld.presented;
import static dev.mcpmtls.oauth.client.OAuthWorld.unauthorized;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.oauth.client.login.Browser;
import dev.mcpmtls.oauth.client.web.NoTokenException;
import dev.mcpmtls.oauth.client.web.NoTokenException.Why;
import dev.mcpmtls.protocol.token.Authorization;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A person logs in: the test is their browser. */
class LoginIT extends OAuthWorldFixture {

    private Person person;
    private List<Map<String, String>> shown;

    @BeforeEach
    void start() throws Exception {
        person = new Person(world);
        shown = person.shown;
    }

    private NoTokenException failureOf(OAuthClient client) {
        try {
            await(client.answer(unauthorized(), Optional.empty()));
            throw new AssertionError("a token was fetched");
        } catch (NoTokenException e) {
            return e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void logsInWithAProofOfItsCodeAndForThisServer() throws Exception {
        OAuthClient client = world.client().browser(person.consenting()).build();

        assertThat(presented(await(client.answer(challenge(401, "scope=read"), Optional.empty()))))
                .isEqualTo("Bearer t-1");

        Map<String, String> asked = shown.get(0);
        Map<String, String> redeemed = world.to("/as/token").get(0).form();
        assertThat(asked)
                .containsEntry("response_type", "code")
                .containsEntry("client_id", "registered-1")
                .containsEntry("scope", "read")
                .containsEntry("resource", world.mcp().toString())
                .containsEntry("code_challenge_method", "S256");
        assertThat(asked.get("redirect_uri")).startsWith("http://127.0.0.1:").endsWith("/callback");
        assertThat(redeemed)
                .containsEntry("code", "c-1")
                .containsEntry("resource", world.mcp().toString())
                .containsEntry("redirect_uri", asked.get("redirect_uri"));
        assertThat(Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(MessageDigest.getInstance("SHA-256")
                                .digest(redeemed.get("code_verifier").getBytes(StandardCharsets.US_ASCII))))
                .isEqualTo(asked.get("code_challenge"));
        assertThat(world.to("/as/register").get(0).form().get("body"))
                .contains(
                        "\"application_type\":\"native\"",
                        "refresh_token",
                        asked.get("redirect_uri").replace("/", "\\/"));
    }

    @Test
    void showsAPageThatSaysNothingOfTheRequestAndClosesTheDoor() throws Exception {
        await(world.client()
                .browser(person.answering(
                        Map.of("code", "c-1", "iss", world.issuer(), "x", "<script>alert(1)</script>")))
                .build()
                .answer(unauthorized(), Optional.empty()));

        assertThat(person.pages.get(0).statusCode()).isEqualTo(200);
        assertThat(person.pages.get(0).body()).contains("close this window").doesNotContain("script", "c-1");
        assertThat(person.pages.get(0).headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy).contains("default-src 'none'"));
        URI door = URI.create(shown.get(0).get("redirect_uri"));
        assertThatThrownBy(() -> person.visit(door)).hasCauseInstanceOf(ConnectException.class);
    }

    @Test
    void ignoresAnswersToOtherRequests() throws Exception {
        Browser attacked = page -> {
            String redirect = Person.query(page).get("redirect_uri");
            String state = Person.query(page).get("state");
            String issuer = "&iss=" + URLEncoder.encode(world.issuer(), StandardCharsets.UTF_8);
            for (String evil : List.of(
                    "?code=injected" + issuer,
                    "?code=injected&state=guess" + issuer,
                    "?code=injected&state=" + issuer,
                    "?code=injected&code=c-1&state=" + state + issuer,
                    "?code=injected&state=" + state + "&state=" + state + issuer,
                    "/other?code=injected&state=" + state + issuer)) {
                assertThat(person.visit(URI.create(redirect + evil)).statusCode())
                        .isEqualTo(400);
            }
            person.consenting().open(page);
        };

        await(world.client().browser(attacked).build().answer(unauthorized(), Optional.empty()));

        assertThat(world.to("/as/token").get(0).form()).containsEntry("code", "c-1");
    }

    @Test
    void redeemsNoCodeOfAnotherIssuer() {
        for (Map<String, String> response : List.of(
                Map.of("code", "c-1", "iss", "https://evil.example"),
                Map.of("code", "c-1", "iss", world.issuer() + "/"),
                Map.of("code", "c-1"),
                Map.of(
                        "error",
                        "access_denied",
                        "error_description",
                        "call 0900-EVIL",
                        "iss",
                        "https://evil.example"))) {
            NoTokenException failure =
                    failureOf(world.client().browser(person.answering(response)).build());

            assertThat(failure.why()).isEqualTo(Why.ISSUER);
            assertThat(failure).message().doesNotContain("EVIL");
        }
        assertThat(world.to("/as/token")).isEmpty();
    }

    @Test
    void proceedsWithoutAnIssuerWhereNoneIsPromised() throws Exception {
        world.server.remove("authorization_response_iss_parameter_supported");

        assertThat(presented(await(world.client()
                        .browser(person.answering(Map.of("code", "c-1")))
                        .build()
                        .answer(unauthorized(), Optional.empty()))))
                .isEqualTo("Bearer t-1");
    }

    @Test
    void saysThatThePersonRefused() {
        NoTokenException failure = failureOf(world.client()
                .browser(person.answering(Map.of(
                        "error", "access_denied", "error_description", "\u001b]0;pwned\u0007", "iss", world.issuer())))
                .build());

        assertThat(failure.why()).isEqualTo(Why.PERSON);
        assertThat(failure).message().contains("access_denied").doesNotContain("\u001b", "\u0007");
    }

    @Test
    void usesNoAuthorizationServerThatTakesPlainProofs() {
        for (Object methods : List.of(List.of("plain"), List.of())) {
            world.server.put("code_challenge_methods_supported", methods);
            assertThat(failureOf(world.client().browser(person.consenting()).build()))
                    .hasMessageContaining("S256");
        }
        assertThat(shown).isEmpty();
    }

    @Test
    void sendsThePersonToNoForeignAddress() {
        world.server.put("authorization_endpoint", "http://192.168.0.1/reboot");

        assertThat(failureOf(world.client().browser(person.consenting()).build())
                        .why())
                .isEqualTo(Why.ADDRESS);
        assertThat(shown).isEmpty();
    }

    @Test
    void waitsForThePersonOnlySoLong() {
        NoTokenException failure = failureOf(world.client()
                .browser(page -> {})
                .loginLimit(Duration.ofMillis(50))
                .build());

        assertThat(failure.why()).isEqualTo(Why.PERSON);
    }

    @Test
    void failsAtOnceWithoutAPerson() {
        assertThat(failureOf(world.client().build()).why()).isEqualTo(Why.PERSON);
    }

    @Test
    void opensOneWindowForManyRequests() throws Exception {
        OAuthClient client = world.client()
                .browser(page -> {
                    shown.add(Person.query(page));
                })
                .loginLimit(Duration.ofMillis(300))
                .build();
        var first = client.answer(unauthorized(), Optional.empty());
        var second = client.answer(unauthorized(), Optional.empty());

        assertThatThrownBy(() -> await(first)).isInstanceOf(NoTokenException.class);
        assertThatThrownBy(() -> await(second)).isInstanceOf(NoTokenException.class);
        assertThat(shown).hasSize(1);
    }

    @Test
    void rotatesRefreshTokensAndAsksThePersonOnlyWhenTheyEnd() throws Exception {
        world.handlers.put("/as/token", request -> {
            String grant = request.form().get("grant_type");
            if ("r-2".equals(request.form().get("refresh_token"))) {
                return json(400, Map.of("error", "invalid_grant"));
            }
            Map<String, Object> issued = world.token();
            issued.put("refresh_token", grant.equals("refresh_token") ? "r-2" : "r-1");
            return json(200, issued);
        });
        Path store = directory.resolve("tokens");
        OAuthClient client =
                world.client().browser(person.consenting()).store(store).build();
        Optional<Authorization> token = await(client.answer(unauthorized(), Optional.empty()));

        world.clock.move(Duration.ofHours(2));
        assertThat(presented(await(client.current()))).isEqualTo("Bearer t-2");
        assertThat(world.to("/as/token").get(1).form())
                .containsEntry("refresh_token", "r-1")
                .containsEntry("client_id", "registered-1");
        assertThat(token).isPresent();

        world.clock.move(Duration.ofHours(2));
        OAuthClient next =
                world.client().browser(person.consenting()).store(store).build();
        assertThat(await(next.current())).isEmpty();
        assertThat(presented(await(next.answer(unauthorized(), Optional.empty()))))
                .isEqualTo("Bearer t-3");
        assertThat(shown).hasSize(2);
        assertThat(shown.get(1)).containsEntry("client_id", "registered-1");
    }

    @Test
    void asksOnceAboutATokenThatNothingRenews() throws Exception {
        OAuthClient client = world.client().browser(person.consenting()).build();
        await(client.answer(unauthorized(), Optional.empty()));
        int before = world.requests.size();
        world.clock.move(Duration.ofSeconds(3_590));

        for (int requests = 0; requests < 20; requests++) {
            assertThat(presented(await(client.current()))).isEqualTo("Bearer t-1");
            Thread.sleep(20);
        }

        assertThat(world.requests).hasSize(before + 1);
    }

    @Test
    void keepsARefreshTokenWhileTheAuthorizationServerIsOutOfOrder() throws Exception {
        AtomicBoolean isBroken = new AtomicBoolean();
        world.handlers.put("/as/token", request -> {
            Map<String, Object> issued = world.token();
            issued.put("refresh_token", "r-1");
            return isBroken.get() ? new OAuthWorld.Answer(503, Map.of(), "<html>") : json(200, issued);
        });
        OAuthClient client = world.client().browser(person.consenting()).build();
        await(client.answer(unauthorized(), Optional.empty()));
        world.clock.move(Duration.ofHours(2));

        isBroken.set(true);
        assertThatThrownBy(() -> await(client.current())).isInstanceOf(NoTokenException.class);
        isBroken.set(false);

        assertThat(presented(await(client.current()))).isEqualTo("Bearer t-3");
        assertThat(shown).hasSize(1);
    }

    @Test
    void isAnotherClientAtAnotherAuthorizationServer() throws Exception {
        OAuthClient client = world.client().browser(person.consenting()).build();
        Optional<Authorization> token = await(client.answer(unauthorized(), Optional.empty()));

        String other = world.origin() + "/as2";
        Map<String, Object> metadata = new HashMap<>(world.server);
        metadata.put("issuer", other);
        metadata.put("registration_endpoint", other + "/register");
        metadata.put("token_endpoint", other + "/token");
        world.handlers.put("/.well-known/oauth-authorization-server/as2", request -> json(200, metadata));
        world.handlers.put("/as2/register", request -> json(201, Map.of("client_id", "registered-2")));
        world.handlers.put("/as2/token", request -> json(200, world.token()));
        world.resource.put("authorization_servers", List.of(other));
        OAuthClient moved = client; // the same one, whose token is refused now
        world.clock.move(Duration.ofMinutes(6));

        assertThatThrownBy(() -> await(moved.answer(unauthorized(), token)))
                .isInstanceOf(NoTokenException.class); // the browser still answers for the first
        assertThat(world.to("/as2/token")).isEmpty();
        assertThat(shown.get(1)).containsEntry("client_id", "registered-2");
    }

    @Test
    void isKnownByItsDocumentWhereThatIsTaken() throws Exception {
        URI document = URI.create("https://client.example/mcp.json");
        OAuthClient.Builder client = world.client().clientDocument(document).browser(person.consenting());
        await(client.build().answer(unauthorized(), Optional.empty()));
        world.server.put("client_id_metadata_document_supported", true);
        await(client.build().answer(unauthorized(), Optional.empty()));

        assertThat(shown)
                .extracting(request -> request.get("client_id"))
                .containsExactly("registered-1", document.toString());
        assertThat(world.to("/as/register")).hasSize(1);
    }
}
