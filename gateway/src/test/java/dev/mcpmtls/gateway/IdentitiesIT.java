// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mcpmtls.audit.ConnectionFacts;
import dev.mcpmtls.gateway.Gateway.ProcessOptions;
import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.process.ServerCommand;
import dev.mcpmtls.identity.Chain;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.transport.server.backend.Backend;
import dev.mcpmtls.transport.server.backend.Opening;
import dev.mcpmtls.transport.server.backend.ResultCollector;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import dev.mcpmtls.trust.ChainVerifier;
import dev.mcpmtls.trust.TrustAnchors;
import dev.mcpmtls.trust.TrustPolicy;
import dev.mcpmtls.trust.Verdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;

/** Two hundred identities and a server that may run in 32 processes. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class IdentitiesIT {

    private static final int MOST = 32;
    private static final ChainVerifier VERIFIER = new ChainVerifier(
            TrustPolicy.strict(new TrustAnchors(List.of(Front.CA.certificate()))), InstantSource.system());

    @Test
    void allAreServedInTurnAndHearWhenAllProcessesAreBusy() {
        ServerCommand command =
                ServerCommand.of("/bin/sh", Front.fixture("server.sh").toString());
        ProcessOptions options =
                new ProcessOptions(ProcessMode.PER_IDENTITY, MOST, Duration.ofMinutes(5), Duration.ofSeconds(60));
        List<Caller> callers = IntStream.range(0, 200)
                .mapToObj(number -> caller("agent-" + number))
                .toList();
        try (Gateway gateway = new Gateway()) {
            Backend backend = gateway.command("files", command, options);
            List<Long> pids = callers.stream()
                    .map(caller ->
                            Long.parseLong(said(call(backend, caller, "pid").block())))
                    .toList();
            assertThat(pids).doesNotHaveDuplicates();
            assertThat(Front.comesTrue(
                            () -> pids.stream().filter(Front::isAlive).count() <= MOST))
                    .isTrue();
            assertThat(pids.subList(200 - MOST / 2, 200)).allMatch(Front::isAlive); // the idlest gave way

            List<CompletableFuture<Object>> busy = callers.stream()
                    .limit(MOST + 8)
                    .map(caller -> call(backend, caller, "slow").toFuture())
                    .toList();
            assertThat(Front.comesTrue(() -> refusals(busy).count() == 8)).isTrue();
            assertThat(refusals(busy))
                    .allMatch(refused -> refused.code() == 503)
                    .allMatch(refused -> String.valueOf(refused.getMessage())
                            .equals("the server files runs in 32 processes, as many as max-processes allows,"
                                    + " and all are busy; try again later"));
            busy.forEach(one -> one.cancel(true));
        }
    }

    private static Stream<RefusedException> refusals(List<CompletableFuture<Object>> calls) {
        return calls.stream()
                .filter(CompletableFuture::isCompletedExceptionally)
                .map(failed ->
                        failed.handle((result, failure) -> cause(failure)).join())
                .map(RefusedException.class::cast);
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException ? failure.getCause() : failure;
    }

    private static Mono<Object> call(Backend backend, Caller caller, String tool) {
        ResultCollector result = new ResultCollector();
        return backend.open(new Opening(caller, Map.of(), null))
                .request(caller, Messages.request(1, "tools/call", "{\"name\":\"" + tool + "\"}"), result)
                .then(Mono.fromSupplier(result::result));
    }

    private static String said(Object result) {
        Object content = JsonRpcMessage.object(result).get("content");
        return String.valueOf(JsonRpcMessage.object(((List<?>) content).get(0)).get("text"));
    }

    private static Caller caller(String name) {
        Chain chain = new Chain(Front.CA.client(name).chain());
        return new Caller(
                ((Verdict.Accepted) VERIFIER.verifyClient(chain)).peer(),
                new ConnectionFacts(
                        "0123456789abcdef",
                        ConnectionFacts.Side.SERVER,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 1024),
                        Optional.empty()));
    }
}
