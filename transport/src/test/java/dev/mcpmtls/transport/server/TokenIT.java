// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.AuditEvent.CallDecided;
import dev.mcpmtls.audit.AuditEvent.TokenRefused;
import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.transport.server.Agent.Answer;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.Limits;
import io.modelcontextprotocol.server.McpServer;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Access tokens beside certificates: one server that requires them, one that takes them, one that ignores them. */
@Timeout(60)
class TokenIT {

    private static final TokenTable TOKENS =
            new TokenTable().issue("alice1", "desk", "alice", "read").issue("bob1", "desk", "bob", "read");

    private static Station required;
    private static Station optional;
    private static Station ignoring;

    /** Says who calls, and for whom. */
    private static UnaryOperator<McpServer.SyncSpecification<McpServer.StreamableSyncSpecification>> both() {
        return Station.tool("who", (exchange, call) -> {
            Caller caller = Caller.from(exchange.transportContext());
            String subject = caller.token().map(AccessToken::subject).orElse("itself");
            return caller.peer().identity().text() + " for " + subject;
        });
    }

    private final Agent desk = required.agent("desk");
    private final Agent free = optional.agent("desk");

    @BeforeEach
    void forget() {
        required.events().clear();
        optional.events().clear();
        TOKENS.slow.clear();
    }

    @BeforeAll
    static void open() {
        required = Station.open(
                settings -> settings.accessTokens(
                                TOKENS.taken().scopes(Set.of("read")).required())
                        .limits(Limits.builder().inFlightPerIdentity(4).build()),
                both());
        optional = Station.open(settings -> settings.accessTokens(TOKENS.taken()), both());
        ignoring = Station.open(both());
    }

    @AfterAll
    static void close() {
        List.of(required, optional, ignoring).forEach(Station::close);
    }

    private static HttpRequest.Builder call(Agent agent, String... authorization) {
        HttpRequest.Builder request = agent.modernCall("who", "");
        List.of(authorization).forEach(value -> request.header("Authorization", value));
        return request;
    }

    private static String said(Answer answer) {
        return answer.json().at("/result/content/0/text").asString();
    }

    @Test
    void tellsTheHandlerAndTheRecordBothIdentities() throws Exception {
        Answer answer = desk.send(call(desk, "Bearer alice1"));

        assertThat(said(answer)).isEqualTo("spiffe://demo.local/agent/desk for alice");
        assertThat(required.events())
                .anySatisfy(event -> assertThat(event)
                        .isInstanceOfSatisfying(
                                CallDecided.class,
                                decided -> assertThat(decided.call()
                                                .token()
                                                .orElseThrow()
                                                .subject())
                                        .isEqualTo("alice")));
        assertThat(required.events().toString()).doesNotContain("alice1");
    }

    @Test
    void challengesARequestWithoutAToken() throws Exception {
        Answer answer = desk.send(call(desk));

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("www-authenticate")).isEqualTo(TokenTable.CHALLENGE);
        assertThat(answer.json().at("/id").asInt()).isEqualTo(1);
        assertThat(answer.json().at("/error/code").asInt()).isEqualTo(401);
        assertThat(refusals(required))
                .singleElement()
                .extracting(TokenRefused::reason)
                .isEqualTo("TOKEN_MISSING");
        assertThat(required.events()).noneMatch(CallDecided.class::isInstance);
        assertThat(desk.send(desk.request().GET()).status()).isEqualTo(401);
        assertThat(desk.send(desk.request().DELETE()).status()).isEqualTo(401);
    }

    @Test
    void servesARequestWithoutATokenByItsCertificateWhereTokensAreOptional() throws Exception {
        assertThat(said(free.send(call(free)))).endsWith(" for itself");
        assertThat(said(free.send(call(free, "bearer  bob1")))).endsWith(" for bob");
        assertThat(free.send(call(free, "Bearer nonsense")).status()).isEqualTo(401);
    }

    @Test
    void ignoresATokenWhereTokensAreNotTaken() throws Exception {
        Agent agent = ignoring.agent("desk");

        assertThat(said(agent.send(call(agent, "Bearer nonsense")))).endsWith(" for itself");
        assertThat(metadata(ignoring, "/mcp").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer nonsense",
                "Bearer",
                "Bearer ",
                "Bearer alice1,bob1",
                "Bearer alice1, Bearer bob1",
                "Bearer alice1 bob1",
                "Bearer alice1=x",
                "Bearer \u00e9",
                "Basic YWxpY2UxOmFsaWNlMQ==",
                "DPoP alice1",
                "alice1",
                "Bearer token=\"alice1\""
            })
    void refusesAHeaderThatIsNotOneGoodToken(String value) throws Exception {
        for (Agent agent : List.of(desk, free)) {
            Answer answer = agent.send(call(agent, value));

            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("www-authenticate")).startsWith(TokenTable.CHALLENGE + " INVALID");
        }
        assertThat(refusals(optional))
                .singleElement()
                .extracting(TokenRefused::reason)
                .isEqualTo("TOKEN_INVALID");
    }

    @Test
    void refusesTwoHeadersAndALongOne() throws Exception {
        Answer twice = desk.send(call(desk, "Bearer alice1", "Bearer alice1"));
        Answer tooLong = desk.send(call(desk, "Bearer " + "a".repeat(9_000)));

        assertThat(twice.status()).isEqualTo(400);
        assertThat(tooLong.status()).isEqualTo(401);
        assertThat(required.events()).noneMatch(CallDecided.class::isInstance);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: Bearer ali\u0001ce1\r\n",
                "Authorization: Bearer alice1\u0000\r\n",
                "Authorization : Bearer alice1\r\n",
                "Authorization: Bearer\r\n alice1\r\n",
                "Authorization: Bearer alice1\nX: y\r\n",
                "Authorization: Bearer alice1\r\nauthorization: Bearer bob1\r\n",
            })
    void refusesAHeaderThatTwoParsersCouldReadDifferently(String header) throws Exception {
        try (Socket socket = required.socket("desk")) {
            Station.write(
                    socket, Agent.raw("who").replace("Content-Length", header + "Connection: close\r\nContent-Length"));

            assertThat(Station.answer(socket)).startsWith("HTTP/1.1 400 ");
        }
        assertThat(required.events()).noneMatch(CallDecided.class::isInstance);
    }

    @Test
    void readsNoTokenFromTheQuery() throws Exception {
        URI uri = URI.create(required.transport().uri() + "?access_token=alice1");

        assertThat(desk.send(call(desk).uri(uri)).status()).isEqualTo(401);
        assertThat(desk.send(call(desk, "Bearer alice1").uri(uri)).status()).isEqualTo(200);
    }

    @Test
    void recordsBothCertificatesOfATokenThatIsBoundToAnother() throws Exception {
        Agent thief = required.agent("thief");

        assertThat(thief.send(call(thief, "Bearer alice1")).status()).isEqualTo(401);
        assertThat(refusals(required)).singleElement().satisfies(refused -> {
            assertThat(refused.reason()).isEqualTo("TOKEN_WRONG_BINDING");
            assertThat(refused.peer().identity().text()).endsWith("/thief");
            assertThat(refused.token().orElseThrow().subject()).isEqualTo("alice");
            assertThat(refused.boundTo()).contains("30313233");
            assertThat(refused.server()).isEqualTo("station");
        });
    }

    @Test
    void asksForTheScopesThatAreLacking() throws Exception {
        TOKENS.issue("narrow", "desk", "alice", "write");

        Answer answer = desk.send(call(desk, "Bearer narrow"));

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.header("www-authenticate"))
                .isEqualTo(TokenTable.CHALLENGE + " INSUFFICIENT_SCOPE [read, write]");
        assertThat(refusals(required))
                .singleElement()
                .extracting(TokenRefused::reason)
                .isEqualTo("TOKEN_INSUFFICIENT_SCOPE");
    }

    @ParameterizedTest
    @CsvSource({"unavailable, the keys of the issuer", "broken, the verification of the access token failed"})
    void asksToComeBackWhenNothingIsWrongWithTheToken(String token, String why) throws Exception {
        Answer answer = desk.send(call(desk, "Bearer " + token));

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("retry-after")).isEqualTo("1");
        assertThat(answer.header("www-authenticate")).isEmpty();
        assertThat(answer.http().body()).contains(why).doesNotContain("secret");
    }

    @Test
    void verifiesTheTokenOfEveryRequestOfASession() throws Exception {
        TOKENS.issue("brief", "desk", "alice", "read");
        Agent bearing = desk.bearing("brief");
        String session = bearing.initialize();
        String call = Agent.call(1, "who");

        assertThat(bearing.send(bearing.legacy(session, call)).status()).isEqualTo(200);
        TOKENS.revoke("brief");
        assertThat(bearing.send(bearing.legacy(session, call)).status()).isEqualTo(401);
        assertThat(desk.send(desk.legacy(session, call)).status()).isEqualTo(401);
        assertThat(desk.send(desk.bearing("alice1").legacy(session, call)).status())
                .isEqualTo(200);
    }

    @Test
    void endsTheStreamsOfATokenThatExpires() throws Exception {
        TOKENS.issue("dying", "desk", "alice", Duration.ofSeconds(2), "read");
        String session = desk.bearing("dying").initialize();
        HttpRequest.Builder listen = desk.request("Mcp-Session-Id", session).GET();
        HttpRequest.Builder subscribe =
                desk.modern("subscriptions/listen", "", "\"notifications\":{\"toolsListChanged\":true}");

        CompletableFuture<Answer> listening = desk.sendAsync(bearing(listen, "dying"));
        CompletableFuture<Answer> subscribed = desk.sendAsync(bearing(subscribe, "dying"));
        CompletableFuture<Answer> staying = desk.sendAsync(bearing(
                desk.modern("subscriptions/listen", "", "\"notifications\":{\"toolsListChanged\":true}"), "alice1"));

        assertThat(listening.join().status()).isEqualTo(200);
        assertThat(subscribed.join().http().body()).contains("notifications/subscriptions/acknowledged");
        assertThat(staying.isDone()).isFalse();
        staying.cancel(true);
    }

    @Test
    void refusesWhatTheVerifierDoesNotAnswerInTime() throws Exception {
        try (Station station = Station.open(
                settings -> settings.accessTokens(TOKENS.taken().patience(Duration.ofMillis(200))), both())) {
            Agent agent = station.agent("desk");

            assertThat(agent.send(call(agent, "Bearer slow")).status()).isEqualTo(503);
            assertThat(refusals(station))
                    .singleElement()
                    .extracting(TokenRefused::reason)
                    .isEqualTo("TOKEN_UNAVAILABLE");
            assertThat(said(agent.send(call(agent, "Bearer alice1")))).endsWith("for alice");
        }
    }

    @Test
    void countsRequestsThatWaitForTheVerifierAndForgetsClientsThatLeave() throws Exception {
        List<CompletableFuture<Answer>> waiting = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Agent one = required.agent("desk");
            waiting.add(one.sendAsync(call(one, "Bearer slow")));
        }
        assertThat(Station.comesTrue(Duration.ofSeconds(10), () -> TOKENS.slow.size() == 4))
                .isTrue();

        assertThat(desk.send(call(desk, "Bearer alice1")).status()).isEqualTo(429);
        Agent other = required.agent("other");
        assertThat(other.send(call(other)).status()).isEqualTo(401);

        waiting.forEach(one -> one.cancel(true));
        Agent again = required.agent("desk");
        assertThat(Station.comesTrue(Duration.ofSeconds(10), () -> status(again, "alice1") == 200))
                .isTrue();
        required.events().clear();
        TOKENS.slow.forEach(late -> late.complete(TokenTable.claims("alice", Duration.ofHours(1), "read")));
        assertThat(status(again, "alice1")).isEqualTo(200);
        assertThat(required.events().stream().filter(CallDecided.class::isInstance))
                .hasSize(1);
    }

    @Test
    void servesItsMetadataToEveryPeerWithoutAToken() throws Exception {
        Answer answer = metadata(required, "/mcp");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertThat(answer.http().body()).isEqualTo(TokenTable.DOCUMENT);
        assertThat(metadata(required, "").status()).isEqualTo(404);
        assertThat(metadata(required, "/other").status()).isEqualTo(404);
    }

    @Test
    void takesOnlyGetForItsMetadata() throws Exception {
        Answer answer = desk.send(desk.request()
                .uri(URI.create("https://localhost:" + required.port() + TokenTable.METADATA))
                .POST(BodyPublishers.ofString("{}")));

        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.header("allow")).isEqualTo("GET");
    }

    private static Answer metadata(Station station, String path) throws Exception {
        Agent agent = station.agent("anybody");
        return agent.send(agent.request()
                .uri(URI.create("https://localhost:" + station.port() + "/.well-known/oauth-protected-resource" + path))
                .GET());
    }

    private static int status(Agent agent, String token) {
        try {
            return agent.send(call(agent, "Bearer " + token)).status();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpRequest.Builder bearing(HttpRequest.Builder request, String token) {
        return request.setHeader("Authorization", "Bearer " + token);
    }

    private static List<TokenRefused> refusals(Station station) {
        return station.events().stream()
                .filter(TokenRefused.class::isInstance)
                .map(TokenRefused.class::cast)
                .toList();
    }
}
