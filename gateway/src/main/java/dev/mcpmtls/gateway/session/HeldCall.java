// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.link.LegacyLink;
import dev.mcpmtls.gateway.link.Member;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * One call of a legacy server over the rounds of a modern client. When the server asks, the client's request ends with the questions,
 * and the call waits for the client's retry with the answers. The server is called once. Thread-safe.
 */
final class HeldCall implements Outlet {

    // Questions asked side by side belong into one round.
    private static final long GATHER_MILLIS = 25;

    private static final String CANCELLED = "notifications/cancelled";

    /** The client's request that carries the call now. */
    private record Round(Request request, Outlet outlet, Runnable over) {}

    private final HeldCalls held;
    private final LegacyLink link;
    private final Member member;
    private final Caller caller;
    private final Translation translation;
    private final String digest;
    private final Map<String, Request> questions = new LinkedHashMap<>();
    private final Missed missed = new Missed();
    private @Nullable Round round;
    private @Nullable Response early;
    private @Nullable Disposable running;
    private @Nullable String state;
    private int requested;
    private volatile int characters;
    private boolean gathering;
    private boolean over;
    private long waitingSince;

    HeldCall(HeldCalls held, LegacyLink link, Member member, Caller caller, Translation translation, String digest) {
        this.held = held;
        this.link = link;
        this.member = member;
        this.caller = caller;
        this.translation = translation;
        this.digest = digest;
    }

    /** Calls the server. */
    Mono<Void> start(Request request, Outlet outlet) {
        return Mono.create(sink -> {
            synchronized (this) {
                round = new Round(request, outlet, sink::success);
                requested = Messages.text(request).length();
                measure();
            }
            running = link.request(member, caller, translation.toLegacy(request), this)
                    .subscribe(nothing -> {}, failure -> {
                        finish();
                        sink.error(failure);
                    });
            sink.onCancel(this::clientGone);
        });
    }

    /**
     * Goes on with the client's answers; fails with a {@link RefusedException} when the call has ended meanwhile.
     */
    Mono<Void> resume(Caller retrying, Request request, Outlet outlet) {
        return Mono.create(sink -> {
            Response answer;
            try {
                answer = carriedBy(new Round(request, outlet, sink::success));
            } catch (RefusedException ended) {
                sink.error(ended);
                return;
            }
            sink.onCancel(this::clientGone);
            if (answer != null) {
                answer(answer);
                return;
            }
            Map<String, Object> answers = JsonRpcMessage.object(request.params().get("inputResponses"));
            for (String key : answers.keySet()) {
                Request question;
                synchronized (this) {
                    question = questions.remove(key);
                    measure();
                }
                if (question != null) {
                    String result = JsonText.find(Messages.text(request), "params", "inputResponses", key)
                            .orElse("{}");
                    link.answer(member, retrying, Messages.result(question.id(), result));
                }
            }
            gather();
        });
    }

    /**
     * The round carries the call from now on, and first the notifications that came while none did.
     *
     * @return the answer, if that came as well
     */
    private @Nullable Response carriedBy(Round next) {
        while (true) {
            List<Notification> notifications;
            synchronized (this) {
                notifications = missed.take();
                if (over) {
                    throw HeldCalls.unknown();
                }
                if (notifications.isEmpty()) {
                    round = next;
                    return early;
                }
            }
            notifications.forEach(notification -> pass(notification, next));
        }
    }

    /** The length of everything it keeps, but for what {@link Missed} bounds. */
    int characters() {
        return characters;
    }

    private synchronized void measure() {
        characters = requested
                + (early == null ? 0 : Messages.text(early).length())
                + questions.values().stream()
                        .mapToInt(question -> Messages.text(question).length())
                        .sum();
    }

    boolean isFor(Request request) {
        return digest.equals(HeldCalls.digest(request));
    }

    boolean isForgotten(long now, long allowedNanos) {
        synchronized (this) {
            return round == null && now - waitingSince > allowedNanos;
        }
    }

    @Override
    public void answer(Response response) {
        Round current;
        synchronized (this) {
            current = round;
            if (current == null) {
                early = response;
                measure();
            } else {
                round = null;
            }
        }
        if (current == null) {
            held.grown(caller, this);
            return;
        }
        finish();
        current.outlet().answer(translation.toModern(current.request(), response));
        current.over().run();
    }

    @Override
    public void pass(JsonRpcMessage message) {
        if (message instanceof Request question) {
            ask(question);
        } else if (message instanceof Notification withdrawn
                && withdrawn.method().equals(CANCELLED)) {
            forget(withdrawn.params().get("requestId"));
        } else if (message instanceof Notification notification) {
            Round current;
            synchronized (this) {
                current = round;
                if (current == null) {
                    missed.add(notification);
                }
            }
            if (current != null) {
                pass(notification, current);
            }
        }
    }

    private void pass(Notification notification, Round to) {
        if (translation.wants(to.request(), notification)) {
            to.outlet().pass(Translation.about(to.request(), notification));
        }
    }

    private void ask(Request question) {
        String refused = translation.whyNot(caller, question);
        if (refused != null) {
            link.refuse(question, refused);
            return;
        }
        boolean isKept;
        synchronized (this) {
            forget(question.id()); // the server knows one question by one id
            isKept = characters + Messages.text(question).length() <= HeldCalls.MAX_CHARACTERS_PER_CERTIFICATE;
            if (isKept) {
                questions.put("input-" + HeldCalls.number(), question);
                measure();
            }
        }
        if (!isKept) {
            link.refuse(question, "the questions of this call are too long to be kept");
            return;
        }
        held.grown(caller, this);
        gather();
    }

    private synchronized void forget(@Nullable Object id) {
        questions.values().removeIf(asked -> asked.id().equals(id));
        measure();
    }

    private void gather() {
        synchronized (this) {
            if (gathering || questions.isEmpty()) {
                return;
            }
            gathering = true;
        }
        CompletableFuture.delayedExecutor(GATHER_MILLIS, TimeUnit.MILLISECONDS).execute(this::endRound);
    }

    /** Ends the client's request with the questions that are open. */
    private void endRound() {
        Round current;
        String text;
        synchronized (this) {
            gathering = false;
            current = round;
            if (current == null || questions.isEmpty() || over) {
                return;
            }
            round = null;
            waitingSince = System.nanoTime();
            state = held.hold(caller, this);
            text = translation.inputRequired(questions, state);
        }
        current.outlet().answer(Messages.result(current.request().id(), text));
        current.over().run();
    }

    /** The client has gone in the middle of a round, which cancels the call. */
    private void clientGone() {
        synchronized (this) {
            if (round == null) {
                return;
            }
            round = null;
        }
        cancel();
    }

    /** The client does not come back, or has gone. */
    void cancel() {
        finish();
        Disposable call = running;
        if (call != null) {
            call.dispose();
        }
    }

    private void finish() {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
        }
        held.ended(this);
        link.leave(member);
    }

    /** The observation of the request that carries it now. */
    @Override
    public Observation observation() {
        synchronized (this) {
            return round == null ? Observation.NONE : round.outlet().observation();
        }
    }

    @Override
    public void result(Object members, Map<String, Object> meta) {}

    @Override
    public void error(Failure failure) {}

    @Override
    public void notification(String method, @Nullable Object params) {}

    @Override
    public Mono<Void> question(Object id, String method, @Nullable Object params) {
        return Mono.empty();
    }
}
