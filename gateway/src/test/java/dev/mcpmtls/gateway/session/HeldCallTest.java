// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mcpmtls.gateway.Callers;
import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.link.LegacyLink;
import dev.mcpmtls.gateway.link.Sharing;
import dev.mcpmtls.gateway.process.ProcessGroups;
import dev.mcpmtls.gateway.process.ProcessUpstream;
import dev.mcpmtls.gateway.process.ServerCommand;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.transport.server.backend.Description;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls whose clients were asked something, at a server that only says what a test makes it say. */
@Timeout(30)
class HeldCallTest {

    private static final Caller ALICE = Callers.named("alice");
    private static final Request CALL = Messages.request(1, "tools/call", "{\"name\":\"ask\"}");
    private static final Translation TRANSLATION = new Translation(
            () -> new Description("files", Map.of(), Map.of(), null), Map.of("elicitation", Map.of()), null);

    private final ProcessGroups groups = new ProcessGroups();
    private final ProcessUpstream neverStarted =
            new ProcessUpstream("files", ServerCommand.of("cat"), groups, 1, 1, Duration.ofSeconds(30), start -> {});
    private final LegacyLink link =
            new LegacyLink(neverStarted, ALICE, Messages.request(0, "initialize", "{}"), Sharing.ONE_IDENTITY);
    private final HeldCalls held = new HeldCalls(Duration.ofMinutes(1));
    private final CompletableFuture<Response> answer = new CompletableFuture<>();

    @AfterEach
    void close() {
        groups.close();
    }

    @Test
    void aQuestionThatTheServerWithdrawsIsNotAsked() {
        HeldCall call = started();
        call.pass(question(7, "first"));
        call.pass(question(8, "second"));
        call.pass(Messages.notification("notifications/cancelled", "{\"requestId\":7}"));

        assertThat(Messages.text(answer.join())).contains("second").doesNotContain("first");
    }

    @Test
    void aQuestionUnderTheIdOfAnotherTakesItsPlace() {
        HeldCall call = started();
        call.pass(question(7, "first"));
        call.pass(question(7, "second"));
        call.pass(question(8, "third"));

        assertThat(Messages.text(answer.join())).contains("second", "third").doesNotContain("first");
    }

    @Test
    void aRetryOfACallThatEndedMeanwhileIsRefused() {
        HeldCall call = started();
        call.pass(question(7, "first"));
        String state = String.valueOf(
                JsonRpcMessage.object(answer.join().whole().get("result")).get("requestState"));
        Request retry = retry(state);
        HeldCall taken = held.take(ALICE, retry);
        assertThat(taken).isSameAs(call);
        call.cancel();

        assertThatThrownBy(() -> taken.resume(ALICE, retry, new AnswerOnly()).block(Duration.ofSeconds(10)))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void theOldestGivesWayToOneTooMany() {
        List<String> states = new ArrayList<>();
        for (int i = 0; i <= HeldCalls.MAX_PER_CERTIFICATE; i++) {
            states.add(held.hold(ALICE, call()));
        }

        assertThatThrownBy(() -> held.take(ALICE, retry(states.get(0)))).isInstanceOf(RefusedException.class);
        states.subList(1, states.size())
                .forEach(state -> assertThat(held.take(ALICE, retry(state))).isNotNull());
    }

    @Test
    void longRequestsGiveWaySooner() {
        Request longCall = Messages.request(
                1, "tools/call", "{\"name\":\"" + "x".repeat(HeldCalls.MAX_CHARACTERS_PER_CERTIFICATE / 2) + "\"}");
        HeldCall first = started(longCall);
        String state = held.hold(ALICE, first);
        held.hold(ALICE, call());
        assertThat(held.take(ALICE, retry(state))).isSameAs(first);

        state = held.hold(ALICE, first);
        String next = held.hold(ALICE, started(longCall));
        String gone = state;
        assertThatThrownBy(() -> held.take(ALICE, retry(gone))).isInstanceOf(RefusedException.class);
        assertThat(held.take(ALICE, retry(next))).isNotNull();
    }

    @Test
    void anAnswerThatComesBeforeTheRetryTakesRoomFromTheOthers() {
        HeldCall first = waiting();
        HeldCall second = waiting();
        String ofFirst = held.hold(ALICE, first);
        String ofSecond = held.hold(ALICE, second);

        first.answer(longAnswer());
        assertThat(first.characters()).isGreaterThan(HeldCalls.MAX_CHARACTERS_PER_CERTIFICATE / 2);
        assertThat(held.take(ALICE, retry(ofFirst))).isSameAs(first);
        ofFirst = held.hold(ALICE, first);

        second.answer(longAnswer());
        String gone = ofFirst;
        assertThatThrownBy(() -> held.take(ALICE, retry(gone))).isInstanceOf(RefusedException.class);
        assertThat(held.take(ALICE, retry(ofSecond))).isSameAs(second);
    }

    /** A call whose client was asked and has not come back. */
    private HeldCall waiting() {
        HeldCall call = call();
        CompletableFuture<Response> asked = new CompletableFuture<>();
        var unused = call.start(CALL, answered(asked)).subscribe();
        call.pass(question(7, "first"));
        asked.join();
        return call;
    }

    private static Response longAnswer() {
        return Messages.result(1, "{\"text\":\"" + "x".repeat(HeldCalls.MAX_CHARACTERS_PER_CERTIFICATE / 2) + "\"}");
    }

    @Test
    void questionsBeyondTheBoundAreNotKept() {
        HeldCall call = waiting();
        String half = "x".repeat(HeldCalls.MAX_CHARACTERS_PER_CERTIFICATE / 2);
        call.pass(question(8, half));
        int kept = call.characters();
        call.pass(question(9, half));
        assertThat(call.characters()).isEqualTo(kept).isLessThan(HeldCalls.MAX_CHARACTERS_PER_CERTIFICATE);
        call.pass(question(9, "short"));
        assertThat(call.characters()).isGreaterThan(kept);
    }

    private HeldCall started() {
        return started(CALL);
    }

    private HeldCall started(Request request) {
        HeldCall call = call();
        var unused = call.start(request, answered(answer)).subscribe();
        return call;
    }

    private static AnswerOnly answered(CompletableFuture<Response> answer) {
        return new AnswerOnly() {
            @Override
            public void answer(Response response) {
                answer.complete(response);
            }
        };
    }

    private HeldCall call() {
        return new HeldCall(held, link, link.join(), ALICE, TRANSLATION, HeldCalls.digest(CALL));
    }

    private static Request question(int id, String message) {
        return Messages.request(id, "elicitation/create", "{\"message\":\"" + message + "\"}");
    }

    private static Request retry(String state) {
        return (Request) Messages.read(JsonText.set(
                JsonText.set(Messages.text(CALL), JsonText.quote(state), "params", "requestState"),
                "{}",
                "params",
                "inputResponses"));
    }
}
