// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import dev.mcpmtls.gateway.channel.Messages;
import dev.mcpmtls.gateway.channel.PassingOutlet;
import dev.mcpmtls.gateway.link.ModernLink;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.InvalidMessageException;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.JsonText;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.TaskStatus;
import dev.mcpmtls.transport.server.backend.BackendSession;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.backend.ResultCollector;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A legacy client's session with a server that speaks the modern revision only. Each request carries the terms that the session agreed on,
 * and a subscription stands for the session's stream. Thread-safe.
 */
public final class LegacyToModernSession implements BackendSession {

    private static final String RESUMED = "modern:";
    private static final int MAX_RESUMPTION = 4_096;
    private static final String META = Translation.META;

    private final String id;
    private final ModernLink link;
    private final Eras eras;
    private final Caller caller;
    private final Map<String, Object> hello;
    private final @Nullable Request initialize;
    private final Consumer<Response> learn;
    private final ModernSession events;
    private final InputQuestions questions = new InputQuestions();
    private volatile @Nullable String level;

    /**
     * A session.
     *
     * @param hello the client's parameters of {@code initialize}
     * @param initialize null when another process welcomed the client
     * @param learn receives what the server says of itself
     */
    public LegacyToModernSession(
            String id,
            ModernLink link,
            Eras eras,
            Caller caller,
            Map<String, Object> hello,
            @Nullable Request initialize,
            Consumer<Response> learn) {
        this.id = id;
        this.link = link;
        this.eras = eras;
        this.caller = caller;
        this.hello = hello;
        this.initialize = initialize;
        this.learn = learn;
        this.events = new ModernSession(link, caller);
    }

    /** Whether a session is one of these that another process opened. */
    public static boolean isResumption(String resumption) {
        return resumption.startsWith(RESUMED);
    }

    /** The client's parameters of {@code initialize} in a resumption; empty when there are none. */
    public static Optional<Map<String, Object>> hello(String resumption) {
        try {
            return Optional.of(Messages.request(0, Method.INITIALIZE.text(), resumption.substring(RESUMED.length()))
                    .params());
        } catch (InvalidMessageException e) {
            return Optional.empty();
        }
    }

    @Override
    public @Nullable String resumption() {
        String all = RESUMED + Messages.json(Map.of("capabilities", capabilities(), "clientInfo", client()));
        return all.length() > MAX_RESUMPTION ? null : all;
    }

    /** A client of this revision has no tasks, whatever it declares. */
    private Object capabilities() {
        Map<String, Object> capabilities = new LinkedHashMap<>(JsonRpcMessage.object(hello.get("capabilities")));
        Map<String, Object> extensions = new LinkedHashMap<>(JsonRpcMessage.object(capabilities.get("extensions")));
        if (extensions.remove(TaskStatus.EXTENSION) != null) {
            capabilities.put("extensions", extensions);
        }
        return capabilities;
    }

    private Object client() {
        return hello.get("clientInfo") instanceof Map<?, ?> info ? info : Map.of("name", "unnamed", "version", "0");
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Mono<Welcome> welcome() {
        return eras.discover(link, caller).map(discovered -> {
            learn.accept(discovered);
            Request asked = initialize;
            if (asked == null || !discovered.whole().containsKey("result")) {
                throw new RefusedException(200, ErrorCode.INTERNAL_ERROR, "the server does not describe itself");
            }
            String revision = Revision.legacy().contains(asked.text("protocolVersion"))
                    ? asked.text("protocolVersion")
                    : Revision.legacy().get(Revision.legacy().size() - 1);
            return new Welcome(revision, introduction(asked, revision, Messages.text(discovered)));
        });
    }

    private static Response introduction(Request asked, String revision, String discovered) {
        String result = JsonText.set("{}", JsonText.quote(revision), "protocolVersion");
        result = JsonText.set(
                result, JsonText.find(discovered, "result", "capabilities").orElse("{}"), "capabilities");
        result = JsonText.set(
                result,
                JsonText.find(discovered, "result", "_meta", META + "serverInfo")
                        .orElse("{\"name\":\"unnamed\",\"version\":\"0\"}"),
                "serverInfo");
        result = JsonText.remove(result, "capabilities", "extensions", TaskStatus.EXTENSION);
        String instructions =
                JsonText.find(discovered, "result", "instructions").orElse(null);
        if (instructions != null) {
            result = JsonText.set(result, instructions, "instructions");
        }
        Response made = Messages.result(asked.id(), result);
        String own = JsonText.find(Messages.text(asked), "id").orElseThrow();
        return new Response(asked.id(), made.whole(), JsonText.set(Messages.text(made), own, "id"));
    }

    @Override
    public Mono<Void> request(Caller from, Request made, Outlet outlet) {
        Request request = Messages.written(made);
        Method method = Method.of(request.method()).orElse(null);
        if (method == Method.PING) {
            return answered(request, outlet);
        }
        if (method == Method.SET_LEVEL) {
            level = request.text("level");
            return answered(request, outlet);
        }
        if (method == Method.RESOURCES_SUBSCRIBE || method == Method.RESOURCES_UNSUBSCRIBE) {
            Request own = new Request("s", request.method(), Map.of("uri", request.text("uri")));
            return events.request(from, own, new ResultCollector()).then(answered(request, outlet));
        }
        if (method == Method.DISCOVER || method == Method.SUBSCRIPTIONS_LISTEN || (method != null && method.isTask())) {
            return Mono.fromRunnable(() -> outlet.answer(Messages.error(
                    request.id(), ErrorCode.METHOD_NOT_FOUND, "a session of this revision does not have it")));
        }
        return new InputCall(questions, link, from).run(toModern(request), legacy(outlet));
    }

    private static Mono<Void> answered(Request request, Outlet outlet) {
        return Mono.fromRunnable(() -> {
            String own = JsonText.find(Messages.text(request), "id").orElseThrow();
            Response done = Messages.result(request.id(), "{}");
            outlet.answer(new Response(request.id(), done.whole(), JsonText.set(Messages.text(done), own, "id")));
        });
    }

    private Request toModern(Request request) {
        String text = Messages.text(request);
        text = JsonText.set(text, JsonText.quote(Revision.MODERN.text()), "params", "_meta", Revision.META_KEY);
        text = JsonText.set(text, Messages.json(client()), "params", "_meta", META + "clientInfo");
        text = JsonText.set(text, Messages.json(capabilities()), "params", "_meta", META + "clientCapabilities");
        String wanted = level;
        if (wanted != null) {
            text = JsonText.set(text, JsonText.quote(wanted), "params", "_meta", META + "logLevel");
        }
        return (Request) Messages.read(text);
    }

    /** Answers without the members that the client's revision does not have. */
    private static Outlet legacy(Outlet outlet) {
        return new PassingOutlet(outlet) {
            @Override
            public void answer(Response response) {
                String text = Messages.text(response);
                for (String member : new String[] {"resultType", "ttlMs", "cacheScope"}) {
                    text = JsonText.remove(text, "result", member);
                }
                super.answer(new Response(response.id(), ((Response) Messages.read(text)).whole(), text));
            }
        };
    }

    /** Nothing: a modern server hears of no notification. */
    @Override
    public Mono<Void> notification(Caller from, Notification notification) {
        return Mono.empty();
    }

    @Override
    public Mono<Void> answer(Caller from, Response response) {
        return questions.answer(response)
                ? Mono.empty()
                : Mono.error(RefusedException.invalidRequest("no request of the server has that id"));
    }

    @Override
    public void listen(Outlet outlet) {
        events.listen(new PassingOutlet(outlet) {
            @Override
            public void pass(JsonRpcMessage message) {
                if (message instanceof Notification told && !told.method().startsWith("notifications/subscriptions/")) {
                    String text = JsonText.remove(Messages.text(told), "params", "_meta", META + "subscriptionId");
                    super.pass(new Notification(told.method(), told.params(), text));
                }
            }
        });
    }

    @Override
    public void minLogLevel(String from) {
        level = from;
    }

    @Override
    public void close() {
        questions.close();
        events.close();
    }
}
