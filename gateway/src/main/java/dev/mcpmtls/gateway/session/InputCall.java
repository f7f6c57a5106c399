// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.channel.PassingOutlet;
import dev.mcpmtls.gateway.link.ModernLink;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.caller.Caller;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A legacy client's call of a modern server. A result that asks for input becomes questions to the client; the answers go with the next try. */
final class InputCall {

    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final int MAX_ROUNDS = 32;

    private final InputQuestions questions;
    private final ModernLink link;
    private final Caller caller;

    InputCall(InputQuestions questions, ModernLink link, Caller caller) {
        this.questions = questions;
        this.link = link;
        this.caller = caller;
    }

    Mono<Void> run(Request request, Outlet outlet) {
        return round(request, request, outlet, MAX_ROUNDS);
    }

    private Mono<Void> round(Request original, Request request, Outlet outlet, int left) {
        return Mono.defer(() -> {
            Kept kept = new Kept(outlet);
            return link.request(caller, request, kept).then(Mono.defer(() -> {
                Response answer = kept.answer;
                if (answer == null) {
                    return Mono.empty();
                }
                Map<String, Object> result =
                        JsonRpcMessage.object(answer.whole().get("result"));
                if (!"input_required".equals(result.get("resultType"))) {
                    outlet.answer(answer);
                    return Mono.empty();
                }
                if (left == 0) {
                    return failed(original, outlet, "the server asks more than " + MAX_ROUNDS + " times");
                }
                return answered(answer, outlet)
                        .flatMap(next -> round(original, retry(original, answer, next), outlet, left - 1))
                        .onErrorResume(Unanswered.class, unanswered -> failed(original, outlet, unanswered.why()))
                        .onErrorResume(
                                TimeoutException.class,
                                late -> failed(original, outlet, "the client did not answer the server's question"));
            }));
        });
    }

    private static Mono<Void> failed(Request original, Outlet outlet, String why) {
        return Mono.fromRunnable(() -> {
            String own = JsonText.find(Messages.text(original), "id").orElseThrow();
            Response error = Messages.error(original.id(), ErrorCode.INTERNAL_ERROR, why);
            outlet.answer(new Response(original.id(), error.whole(), JsonText.set(Messages.text(error), own, "id")));
        });
    }

    /** The client's answers to all questions of a result, as a JSON object. */
    private Mono<String> answered(Response answer, Outlet outlet) {
        Map<String, Object> asked = JsonRpcMessage.object(
                JsonRpcMessage.object(answer.whole().get("result")).get("inputRequests"));
        return Flux.fromIterable(asked.keySet())
                .flatMap(key -> ask(answer, key, outlet))
                .collectList()
                .map(members -> '{' + String.join(",", members) + '}');
    }

    private Mono<String> ask(Response answer, String key, Outlet outlet) {
        return Mono.defer(() -> {
            String question = JsonText.find(Messages.text(answer), "result", "inputRequests", key)
                    .orElse("{}");
            String id = questions.next();
            JsonRpcMessage asking;
            try {
                asking = Messages.read(
                        JsonText.set(JsonText.set(question, "\"2.0\"", "jsonrpc"), JsonText.quote(id), "id"));
            } catch (RuntimeException e) {
                return Mono.error(new Unanswered("the server asks in a way that is no request"));
            }
            if (!(asking instanceof Request)) {
                return Mono.error(new Unanswered("the server asks in a way that is no request"));
            }
            Mono<String> member = Mono.fromFuture(questions.await(id)).map(given -> member(key, given));
            outlet.pass(asking);
            return member.timeout(PATIENCE).doFinally(end -> questions.forget(id));
        });
    }

    private static String member(String key, Response given) {
        return JsonText.find(Messages.text(given), "result")
                .map(result -> JsonText.quote(key) + ':' + result)
                .orElseThrow(() -> new Unanswered("the client refused to answer the server's question: "
                        + JsonRpcMessage.object(given.whole().get("error")).get("message")));
    }

    private static Request retry(Request original, Response asked, String answers) {
        String text = JsonText.set(Messages.text(original), answers, "params", "inputResponses");
        String state =
                JsonText.find(Messages.text(asked), "result", "requestState").orElse(null);
        return (Request) Messages.read(state == null ? text : JsonText.set(text, state, "params", "requestState"));
    }

    private static final class Unanswered extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Unanswered(String why) {
            super(why, null, false, false);
        }

        String why() {
            return String.valueOf(getMessage());
        }
    }

    /** Keeps the answer and passes everything else on. */
    private static final class Kept extends PassingOutlet {

        private volatile @Nullable Response answer;

        Kept(Outlet outlet) {
            super(outlet);
        }

        @Override
        public void answer(Response response) {
            answer = response;
        }
    }
}
