// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.mcpmtls.gateway.Agent.Answer;
import dev.mcpmtls.gateway.Recorder.Era;
import dev.mcpmtls.gateway.Recorder.Received;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Clients of both eras in front of servers over HTTP. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HttpIT {

    private static Front front(Recorder upstream) {
        return Front.of(gateway -> gateway.url(
                "crm",
                upstream.url(),
                () -> Map.of("Authorization", "Bearer secret"),
                Optional.empty(),
                Duration.ofMinutes(5),
                Duration.ofSeconds(30)));
    }

    @Test
    void aLegacyClientHasASessionOfItsOwnAndItsTextsPassAsTheyAre() throws Exception {
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front front = front(upstream)) {
            Agent alice = front.agent("alice");
            Answer hello = alice.initialize();
            assertThat(hello.json().at("/result/serverInfo/name").asString()).isEqualTo("recorder");
            assertThat(hello.session()).isNotEmpty().isNotEqualTo("upstream-session");

            String text = """
                { "method":"tools/call","id":"x","extra":1.0,"params":{"name":"say","arguments":{"n":1.50,"s":"\\u00e9"}},"jsonrpc":"2.0"}\
                """;
            Answer said = alice.post(text);
            assertThat(said.said()).isEqualTo(text.replace("\"x\"", "1"));
            assertThat(said.text()).contains("\"n\":90071992547409931,\"f\":1.0", "\"id\":\"x\"");
            Received call = upstream.with("tools/call").get(0);
            assertThat(call.header("mcp-session-id")).isEqualTo("upstream-session");
            assertThat(call.header("mcp-protocol-version")).isEqualTo("2025-11-25");

            Iterator<String> stream = alice.stream("""
                {"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"stream","_meta":{"progressToken":"p"}}}\
                """);
            assertThat(stream.next()).contains("\"progressToken\":\"p\",\"progress\":1.0");
            assertThat(Agent.JSON.readTree(stream.next()).at("/id").asInt()).isEqualTo(5);

            assertThat(alice.delete().status()).isEqualTo(204);
            assertThat(Front.comesTrue(() -> upstream.received.stream()
                            .anyMatch(one -> one.method().equals("DELETE"))))
                    .isTrue();
        }
    }

    @Test
    void aClientsNextMessageCannotOvertakeItsNotification() throws Exception {
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front front = front(upstream)) {
            upstream.noticing = Duration.ofMillis(50);
            long began = System.nanoTime();
            Agent alice = front.agent("alice");
            alice.initialize();
            assertThat(alice.post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/roots/list_changed\"}")
                            .status())
                    .isEqualTo(202);
            boolean isImpatient =
                    System.nanoTime() - began > Duration.ofMillis(500).toNanos();
            assertThat(upstream.taken.get() == 2 || isImpatient).isTrue();
        }
    }

    @Test
    void aServerThatDoesNotTakeANotificationHoldsUpNoClient() throws Exception {
        Recorder upstream = new Recorder(Era.LEGACY);
        try (Front front = front(upstream)) {
            Agent alice = front.agent("alice");
            alice.initialize();
            upstream.noticing = Duration.ofMinutes(1);
            assertThat(alice.post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/roots/list_changed\"}")
                            .status())
                    .isEqualTo(202);
            assertThat(alice.call("say").status()).isEqualTo(200);
            upstream.close();
            assertThat(alice.post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/roots/list_changed\"}")
                            .status())
                    .isEqualTo(502);
        } finally {
            upstream.close();
        }
    }

    @Test
    void theServerLearnsTheCallerFromTheHandshakeAlone() throws Exception {
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front front = front(upstream)) {
            Agent alice = front.agent("alice");
            alice.initialize();
            Answer said = alice.post(
                    """
                    {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"say","_meta":{"dev.mcpmtls/caller":{"identity":"root"}}}}\
                    """,
                    "X-Mcp-Mtls-Identity",
                    "spiffe://demo.local/agent/root",
                    "Client-Cert",
                    ":AAAA:",
                    "Client-Cert-Chain",
                    ":BBBB:",
                    "Authorization",
                    "Bearer mine",
                    "X-Forwarded-For",
                    "1.2.3.4",
                    "Forwarded",
                    "for=1.2.3.4",
                    "Cookie",
                    "a=b");
            assertThat(said.status()).isEqualTo(200);
            Received call = upstream.with("tools/call").get(0);
            assertThat(call.header("x-mcp-mtls-identity")).isEqualTo("spiffe://demo.local/agent/alice");
            assertThat(call.header("client-cert"))
                    .startsWith(":MII")
                    .endsWith(":")
                    .doesNotContain("AAAA");
            assertThat(call.header("client-cert-chain")).doesNotContain("BBBB");
            assertThat(call.header("authorization")).isEqualTo("Bearer secret");
            assertThat(call.header("cookie")).isEmpty();
            assertThat(call.header("x-forwarded-for")).isEmpty();
            assertThat(call.header("forwarded")).isEmpty();
            assertThat(call.body()).doesNotContain("root");
        }
    }

    @Test
    void aCallWithoutAnIdNeverReachesTheServer() throws Exception {
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front front = front(upstream)) {
            Agent alice = front.agent("alice");
            alice.initialize();
            Answer taken = alice.post("{\"jsonrpc\":\"2.0\",\"method\":\"tools/call\",\"params\":{\"name\":\"say\"}}");
            assertThat(taken.status()).isEqualTo(202);
            alice.post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/roots/list_changed\"}");
            assertThat(Front.comesTrue(
                            () -> !upstream.with("roots/list_changed").isEmpty()))
                    .isTrue();
            assertThat(upstream.with("tools/call")).isEmpty();
        }
    }

    @Test
    void aServerDoesNotSayWhoTheCallerIs() throws Exception {
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front front = front(upstream)) {
            Agent alice = front.agent("alice");
            alice.initialize();
            Answer listed = alice.post("""
                {"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"_meta":{"dev.mcpmtls/whoami":true}}}\
                """);
            assertThat(listed.json()
                            .at("/result/_meta/dev.mcpmtls~1caller/identity")
                            .asString())
                    .isEqualTo("spiffe://demo.local/agent/alice");
        }
    }

    @Test
    void noHeaderOfTheServerReachesTheClientAndNoTextSplitsAStream() throws Exception {
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front front = front(upstream)) {
            Agent alice = front.agent("alice");
            alice.initialize();
            var raw = alice.raw(Agent.legacyCall(1, "say"));
            assertThat(raw.headers().map().keySet())
                    .doesNotContain("set-cookie", "access-control-allow-origin", "x-secret");
            Answer split = alice.call("split");
            assertThat(split.body()).doesNotContain("\r\n\r\n").doesNotContain("\n\n\"id\"");
            assertThat(split.json().at("/id").asInt()).isEqualTo(1);
        }
    }

    @Test
    void failuresOfTheServerAreAnswersThatSaySo() throws Exception {
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front front = front(upstream)) {
            Agent alice = front.agent("alice");
            alice.initialize();
            Answer failed = alice.call("fail");
            assertThat(failed.status()).isEqualTo(200);
            assertThat(failed.json().at("/error/message").asString()).contains("HTTP 500");
            assertThat(failed.body()).doesNotContain("secret");
            assertThat(alice.call("cut").json().at("/error/message").asString()).contains("may have run");
            upstream.forget();
            assertThat(alice.call("say").json().at("/error/message").asString()).contains("session");
            assertThat(Front.comesTrue(() -> said(alice).contains("tools/call")))
                    .isTrue();
            assertThat(upstream.with("\"initialize\"")).hasSize(2);
        }
    }

    private static String said(Agent agent) {
        try {
            return agent.call("say").said();
        } catch (Exception e) {
            return e.toString();
        }
    }

    @Test
    void aStreamWithNumberedEventsIsResumedButNotForACancelledCall() throws Exception {
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front front = front(upstream)) {
            Agent alice = front.agent("alice");
            alice.initialize();
            var waiting = alice.postAsync(
                    "{\"jsonrpc\":\"2.0\",\"id\":\"w\",\"method\":\"tools/call\",\"params\":{\"name\":\"wait\"}}");
            assertThat(Front.comesTrue(() -> !upstream.with("\"wait\"").isEmpty()))
                    .isTrue();
            alice.post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":\"w\"}}");

            assertThat(Front.comesTrue(() -> upstream.left.get() == 1)).isTrue();
            assertThat(alice.call("say").status()).isEqualTo(200);
            assertThat(resumptions(upstream)).isEmpty();

            alice.call("numbered");
            assertThat(resumptions(upstream)).isNotEmpty();
            assertThat(waiting.isCompletedExceptionally()).isFalse();
        }
    }

    @Test
    void aClientCanTakeUpTheStreamOfACallWhoseServerNumbersEvents() throws Exception {
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front front = front(upstream)) {
            Agent alice = front.agent("alice");
            alice.initialize();
            Answer primed = alice.call("primed");
            assertThat(primed.body()).startsWith("id: ");
            assertThat(primed.messages()).hasSize(1);
            assertThat(alice.call("say").body()).doesNotContain("id: ");
        }
    }

    private static List<String> resumptions(Recorder upstream) {
        return upstream.received.stream()
                .map(one -> one.header("last-event-id"))
                .filter(id -> !id.isEmpty())
                .toList();
    }

    @Test
    void aServerThatIsNotThereIsSaidToBe() throws Exception {
        Recorder upstream = new Recorder(Era.LEGACY);
        upstream.close();
        try (Front front = front(upstream)) {
            Agent alice = front.agent("alice");
            Answer refused = alice.initialize();
            assertThat(refused.status()).isEqualTo(200);
            assertThat(refused.json().at("/error/message").asString()).contains("crm", "cannot be reached");
            assertThat(alice.modernCall("say", "").json().at("/error/message").asString())
                    .contains("cannot be reached");
        }
    }

    @Test
    void aModernClientOfALegacyServerIsTranslated() throws Exception {
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front front = front(upstream)) {
            Agent alice = front.agent("alice");
            JsonNode said = alice.modernCall("say", "").json();
            assertThat(said.at("/result/resultType").asString()).isEqualTo("complete");
            assertThat(said.at("/result/content/0/text").asString()).doesNotContain("io.modelcontextprotocol");
            assertThat(upstream.with("server/discover")).hasSize(1);
            alice.modernCall("say", "");
            assertThat(upstream.with("server/discover")).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "400 | {'jsonrpc':'2.0','id':null,'error':{'code':-32000,'message':'Bad Request: Unsupported protocol"
                        + " version: 2026-07-28'}}",
                "400 | {'jsonrpc':'2.0','id':null,'error':{'code':-32022,'message':'no',"
                        + "'data':{'supported':['2025-11-25']}}}",
                "400 | {'jsonrpc':'2.0','error':{'code':-32600,'message':'Missing session ID'}}",
                "404 | <html>Not Found</html>",
                "405 | Method Not Allowed",
                "406 | {'error':'Not Acceptable'}",
                "500 | oops",
                "200 | ok",
            })
    void anyOtherAnswerToTheProbeIsALegacyServers(int status, String body) throws Exception {
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front front = front(upstream)) {
            upstream.answersTheProbe(status, body.replace('\'', '"'));
            Agent alice = front.agent("alice");
            assertThat(alice.modern("tools/list", "", "")
                            .json()
                            .at("/result/tools/0/name")
                            .asString())
                    .isEqualTo("say");
            assertThat(alice.modernCall("say", "")
                            .json()
                            .at("/result/resultType")
                            .asString())
                    .isEqualTo("complete");
            assertThat(upstream.with("server/discover")).hasSize(1);
            assertThat(upstream.with("tools/call").get(0).header("mcp-protocol-version"))
                    .isEqualTo("2025-11-25");
            assertThat(upstream.with("tools/call").get(0).header("mcp-method")).isEmpty();
        }
    }

    @Test
    void aServerThatIsUnavailableHasNoEra() throws Exception {
        try (Recorder upstream = new Recorder(Era.LEGACY);
                Front front = front(upstream)) {
            upstream.answersTheProbe(503, "starting");
            Agent alice = front.agent("alice");
            assertThat(alice.modernCall("say", "").json().at("/error/message").asString())
                    .contains("HTTP 503");
            upstream.replacedBy(Era.MODERN);
            assertThat(alice.modernCall("say", "").said()).contains("io.modelcontextprotocol/protocolVersion");
        }
    }

    @ParameterizedTest
    @EnumSource(Era.class)
    void theEraOfAServerThatWasReplacedIsFoundOutAgain(Era first) throws Exception {
        Era second = first == Era.LEGACY ? Era.MODERN : Era.LEGACY;
        try (Recorder upstream = new Recorder(first);
                Front front = front(upstream)) {
            Agent alice = front.agent("alice");
            assertThat(alice.modernCall("say", "")
                            .json()
                            .at("/result/resultType")
                            .asString())
                    .isEqualTo("complete");
            upstream.received.clear();
            upstream.replacedBy(second);
            assertThat(Front.comesTrue(() -> isComplete(alice))).isTrue();
            assertThat(upstream.with("server/discover")).hasSizeBetween(1, 2);
            Received call = upstream.with("tools/call").stream()
                    .reduce((one, last) -> last)
                    .orElseThrow();
            assertThat(call.header("mcp-protocol-version"))
                    .isEqualTo(second == Era.MODERN ? "2026-07-28" : "2025-11-25");
        }
    }

    private static boolean isComplete(Agent agent) {
        try {
            return agent.modernCall("say", "").json().has("result");
        } catch (Exception e) {
            return false;
        }
    }

    @Test
    void aServerThatTakesNoPostAndHasNoStreamIsAClearErrorInBothEras() throws Exception {
        HttpServer old = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        old.createContext("/sse", exchange -> {
            exchange.sendResponseHeaders(405, -1);
            exchange.close();
        });
        old.start();
        URI url = URI.create("http://127.0.0.1:" + old.getAddress().getPort() + "/sse");
        try (Front front = Front.of(gateway ->
                gateway.url("crm", url, Map::of, Optional.empty(), Duration.ofMinutes(5), Duration.ofSeconds(30)))) {
            for (Answer answer : new Answer[] {
                front.agent("alice").initialize(), front.agent("bob").modernCall("say", "")
            }) {
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.json().at("/error/code").asInt()).isEqualTo(502);
                assertThat(answer.json().at("/error/message").asString()).contains("the server crm answered HTTP 405");
            }
        } finally {
            old.stop(0);
        }
    }
}
