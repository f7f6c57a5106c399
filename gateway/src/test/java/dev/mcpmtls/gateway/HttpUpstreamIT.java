// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.gateway.channel.Channel;
import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.channel.UpstreamFailure;
import dev.mcpmtls.gateway.http.HttpUpstream;
import dev.mcpmtls.gateway.process.ProcessUpstream;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.token.TokenSource;
import dev.mcpmtls.transport.client.OwnVertx;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import io.vertx.core.Vertx;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The threads and connections that requests to an HTTP server use. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HttpUpstreamIT {

    private static final Caller CALLER = caller();

    private final Vertx own = OwnVertx.create();
    private Recorder recorder;
    private HttpUpstream upstream;

    @BeforeEach
    void start() throws Exception {
        recorder = new Recorder(Recorder.Era.LEGACY);
        upstream = new HttpUpstream(
                "crm",
                recorder.url(),
                Map::of,
                Optional.empty(),
                TokenSource.NONE,
                own,
                Duration.ofSeconds(30),
                Runnable::run);
    }

    @AfterEach
    void stop() {
        own.close().await();
        recorder.close();
    }

    /** Keeps the messages of a channel, and on whose event loops they came. */
    private static final class Heard implements Channel.Receiver {

        final Queue<Object> answered = new ConcurrentLinkedQueue<>();
        final Queue<String> said = new ConcurrentLinkedQueue<>();
        final Queue<String> failed = new ConcurrentLinkedQueue<>();
        volatile @Nullable Vertx loops;

        @Override
        public void received(JsonRpcMessage message, @Nullable Object about) {
            loops = Vertx.currentContext().owner();
            if (message instanceof Response response) {
                answered.add(response.id());
            } else {
                said.add(Messages.text(message));
            }
        }

        @Override
        public void failed(Object id, UpstreamFailure failure) {
            failed.add(failure.message());
        }

        @Override
        public void ended(UpstreamFailure why, boolean asked) {}
    }

    @Test
    void aThreadOfOtherEventLoopsThatMayBlockUsesOurOwn() {
        Heard heard = new Heard();
        Vertx other = Vertx.vertx();
        try {
            other.executeBlocking(() -> {
                        send(heard);
                        return "sent";
                    })
                    .await();

            assertThat(Front.comesTrue(() -> !heard.answered.isEmpty())).isTrue();
            assertThat(heard.loops).isSameAs(own);
        } finally {
            other.close().await();
        }
    }

    @Test
    void anEventLoopOfAServerKeepsItsRequestsUntilItIsClosedAndIsForgottenThen() {
        Heard heard = new Heard();
        WeakReference<Vertx> closed = servedOnAnother(heard);

        assertThat(Front.comesTrue(() -> {
                    System.gc();
                    return closed.get() == null;
                }))
                .isTrue();
        send(heard);
        assertThat(Front.comesTrue(() -> heard.answered.size() == 2)).isTrue();
    }

    private WeakReference<Vertx> servedOnAnother(Heard heard) {
        Vertx other = Vertx.vertx();
        other.runOnContext(now -> send(heard));
        assertThat(Front.comesTrue(() -> !heard.answered.isEmpty())).isTrue();
        assertThat(heard.loops).isSameAs(other);
        heard.loops = null;
        other.close().await();
        return new WeakReference<>(other);
    }

    private void send(Heard heard) {
        upstream.open(CALLER, heard).send(Messages.request(1, "tools/call", "{\"name\":\"say\"}"), CALLER);
    }

    /** Each legacy session may hold a stream. */
    @Test
    void manyStreamsThatStayOpenKeepNoOtherRequestWaiting() throws Exception {
        List<Socket> accepted = new ArrayList<>();
        try (ServerSocket silent = new ServerSocket(0, 600, InetAddress.getLoopbackAddress())) {
            silent.setSoTimeout(20_000);
            URI url = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/mcp");
            HttpUpstream many = new HttpUpstream(
                    "many",
                    url,
                    Map::of,
                    Optional.empty(),
                    TokenSource.NONE,
                    own,
                    Duration.ofSeconds(30),
                    Runnable::run);
            Channel channel = many.open(CALLER, new Heard());
            for (int id = 0; id < 500; id++) {
                channel.send(Messages.request(id, "tools/call", "{\"name\":\"say\"}"), CALLER);
            }

            while (accepted.size() < 500) {
                accepted.add(silent.accept());
            }
        } finally {
            for (Socket socket : accepted) {
                socket.close();
            }
        }
    }

    @Test
    void aServerIsDownFromAnAttemptThatFailsToOneThatSucceeds() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (Gateway gateway = new Gateway()) {
            for (URI url : List.of(recorder.url(), URI.create("http://127.0.0.1:" + port + "/mcp"))) {
                String name = url.equals(recorder.url()) ? "there" : "gone";
                gateway.url(name, url, Map::of, Optional.empty(), Duration.ofMinutes(5), Duration.ofSeconds(30));
                assertThat(gateway.condition(name).orElseThrow().words()).isEqualTo("not tried yet");
                gateway.probe(name);
            }

            assertThat(Front.comesTrue(() -> condition(gateway, "there").words().equals("can be reached")))
                    .isTrue();
            assertThat(Front.comesTrue(() -> condition(gateway, "gone").isTroubled()))
                    .isTrue();
            assertThat(condition(gateway, "gone").words()).contains("cannot be reached", "when a client calls");
            assertThat(condition(gateway, "there").isTroubled()).isFalse();
            try (ServerSocket back = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                gateway.probe("gone");
                assertThat(Front.comesTrue(() -> !condition(gateway, "gone").isTroubled()))
                        .as("at port " + back.getLocalPort())
                        .isTrue();
            }
        }
        assertThat(recorder.received).isEmpty();
    }

    private static ProcessUpstream.Condition condition(Gateway gateway, String name) {
        return gateway.condition(name).orElseThrow();
    }

    /** The server has no stream of its own, so that request is over; its connection has another by the time the session ends. */
    @Test
    void aSessionThatEndsCutsItsOwnRequestsAlone() {
        Heard heard = new Heard();
        Channel ending = opened(heard);
        Heard others = new Heard();
        Channel other = upstream.open(CALLER, others);
        other.send(Messages.request(7, "tools/call", "{\"name\":\"wait\"}"), CALLER);
        assertThat(Front.comesTrue(() -> !others.said.isEmpty())).isTrue();

        ending.close();

        assertThat(Front.comesTrue(() -> of("DELETE") == 1)).isTrue();
        assertThat(others.failed).isEmpty();
        assertThat(recorder.left).hasValue(0);
        other.abandon(7);
        assertThat(Front.comesTrue(() -> recorder.left.get() == 1)).isTrue();
    }

    /** A session whose connection is free again. */
    private Channel opened(Heard heard) {
        Channel channel = upstream.open(CALLER, heard);
        channel.send(Messages.request(0, "initialize", "{}"), CALLER);
        assertThat(Front.comesTrue(() -> heard.answered.size() == 1)).isTrue();
        channel.tell(Messages.notification("notifications/initialized", "{}"), CALLER)
                .toCompletableFuture()
                .join();
        assertThat(of("GET")).isEqualTo(1);
        channel.send(Messages.request(1, "tools/call", "{\"name\":\"say\"}"), CALLER);
        assertThat(Front.comesTrue(() -> heard.answered.size() == 2)).isTrue();
        return channel;
    }

    private long of(String method) {
        return recorder.received.stream()
                .filter(one -> one.method().equals(method))
                .count();
    }

    private static Caller caller() {
        ChainVerifier verifier = new ChainVerifier(
                TrustPolicy.strict(new TrustAnchors(List.of(Front.CA.certificate()))), InstantSource.system());
        Chain chain = new Chain(Front.CA.client("alice").chain());
        return new Caller(
                ((Verdict.Accepted) verifier.verifyClient(chain)).peer(),
                new ConnectionFacts(
                        "0123456789abcdef",
                        ConnectionFacts.Side.SERVER,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 1024),
                        Optional.empty()));
    }
}
