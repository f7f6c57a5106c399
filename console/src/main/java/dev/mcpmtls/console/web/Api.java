// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.console.web;

import dev.mcpmtls.auditlog.AuditFilter;
import dev.mcpmtls.auditlog.AuditHistory;
import dev.mcpmtls.auditlog.Vocabulary;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.console.events.EventFilter;
import dev.mcpmtls.console.events.EventView;
import dev.mcpmtls.console.source.Sources;
import dev.mcpmtls.console.view.AboutView;
import dev.mcpmtls.console.view.AccessView;
import dev.mcpmtls.console.view.BadQuestionException;
import dev.mcpmtls.console.view.CertificatesView;
import dev.mcpmtls.console.view.DecisionView;
import dev.mcpmtls.console.view.FiguresView;
import dev.mcpmtls.console.view.MapView;
import dev.mcpmtls.trust.Assurance;
import io.vertx.core.MultiMap;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.IntSupplier;
import java.util.stream.Stream;

/** The endpoints but the stream: from parameters to an answer. Blocks, so it runs on workers. */
final class Api {

    static final Answer AUDIT_OFF = Answer.error(
            503,
            "AUDIT_OFF",
            "no audit log is kept, so there are no events",
            "set audit.file to another value than off");

    private static final int MOST_EVENTS = 500;
    private static final int USUAL_EVENTS = 100;
    private static final int MOST_BYTES = 32 * 1024 * 1024;
    private static final Set<String> FILTERS =
            Set.of("peer", "server", "tool", "outcome", "reason", "action", "connection");
    private static final Set<String> EVENTS = union(FILTERS, "since", "until", "before", "limit");
    private static final Set<String> STREAM = union(FILTERS, "after");
    private static final Set<String> WINDOW = Set.of("window");
    private static final Set<String> MAY = Set.of("peer", "assurance");
    private static final Set<String> EXPLAIN =
            union(MAY, "server", "tool", "prompt", "resource", "method", "arguments");

    private final Sources sources;
    private final IntSupplier viewers;
    private final Semaphore reading = new Semaphore(1);

    Api(Sources sources, IntSupplier viewers) {
        this.sources = sources;
        this.viewers = viewers;
    }

    private static Set<String> union(Set<String> some, String... more) {
        return Stream.concat(some.stream(), Stream.of(more)).collect(java.util.stream.Collectors.toUnmodifiableSet());
    }

    /** The answer of an endpoint. */
    Answer answer(String endpoint, MultiMap sent) {
        try {
            return switch (endpoint) {
                case "about" -> {
                    var unused = new Parameters(sent, Set.of());
                    yield Answer.json(new AboutView(sources).all(MOST_EVENTS));
                }
                case "map" -> Answer.json(new MapView(sources).of(new Parameters(sent, WINDOW).window()));
                case "certificates" -> {
                    var unused = new Parameters(sent, Set.of());
                    yield Answer.json(new CertificatesView(sources).all());
                }
                case "events" -> events(new Parameters(sent, EVENTS));
                case "access" -> {
                    var unused = new Parameters(sent, Set.of());
                    yield Answer.json(new AccessView(sources).all());
                }
                case "explain" -> explain(new Parameters(sent, EXPLAIN));
                case "may" -> {
                    Parameters parameters = new Parameters(sent, MAY);
                    yield Answer.json(
                            new DecisionView(sources).may(parameters.required("peer"), assurance(parameters)));
                }
                case "health" -> {
                    var unused = new Parameters(sent, Set.of());
                    yield Answer.json(new FiguresView(sources).health());
                }
                case "figures" ->
                    Answer.json(new FiguresView(sources)
                            .figures(new Parameters(sent, WINDOW).window(), viewers.getAsInt()));
                default -> notFound();
            };
        } catch (BadQuestionException e) {
            return bad(e);
        }
    }

    static Answer notFound() {
        return Answer.error(404, "NOT_FOUND", "there is no such endpoint or file", "");
    }

    static Answer bad(BadQuestionException e) {
        return Answer.error(400, Map.of(), "BAD_PARAMETER", String.valueOf(e.getMessage()), e.remedy(), e.candidates());
    }

    private Answer events(Parameters parameters) {
        Optional<Path> file = sources.audit().file();
        if (file.isEmpty()) {
            return AUDIT_OFF;
        }
        EventFilter filter = filter(parameters);
        AuditHistory.Query query = new AuditHistory.Query(
                parameters.number("before", 1, Long.MAX_VALUE).orElse(Long.MAX_VALUE),
                filter.general().since(),
                filter,
                parameters
                        .number("limit", 1, MOST_EVENTS)
                        .orElse((long) USUAL_EVENTS)
                        .intValue(),
                MOST_BYTES);
        if (!reading.tryAcquire()) {
            return Answer.busy("BUSY", "the audit log is being read for another request", "try again");
        }
        try {
            return Answer.json(page(new AuditHistory(file.get()).page(query)));
        } catch (UncheckedIOException e) {
            return Answer.error(
                    503,
                    "AUDIT_UNREADABLE",
                    "cannot read the audit log: " + e.getMessage(),
                    "make the file readable for the user of this process");
        } finally {
            reading.release();
        }
    }

    private static Map<String, Object> page(AuditHistory.Page page) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("events", page.records().stream().map(EventView::of).toList());
        page.next().ifPresent(next -> view.put("next", next));
        return view;
    }

    /** The events that a stream's parameters select, and the one after which it begins. */
    record StreamQuery(EventFilter filter, Optional<Long> after) {}

    StreamQuery stream(MultiMap sent) {
        Parameters parameters = new Parameters(sent, STREAM);
        return new StreamQuery(filter(parameters), parameters.number("after", 0, Long.MAX_VALUE));
    }

    private EventFilter filter(Parameters parameters) {
        String reason = parameters.oneOf("reason", Vocabulary.REASONS.words());
        String action = parameters.oneOf("action", Vocabulary.ACTIONS.words());
        AuditFilter general = new AuditFilter(
                plain(parameters.text("peer")),
                reason,
                action,
                parameters.text("connection"),
                parameters.instant("since", Instant.MIN));
        String server = parameters.text("server");
        Set<String> servers = server.isEmpty()
                ? Set.of()
                : sources.server(server)
                        .map(found -> Set.copyOf(List.of(found.server(), found.entry()).stream()
                                .distinct()
                                .toList()))
                        .orElse(Set.of(server));
        return new EventFilter(
                general,
                servers,
                parameters.text("tool"),
                parameters.oneOf("outcome", List.of("success", "failure")),
                parameters.instant("until", Instant.MAX));
    }

    /** The log has names without their kind. */
    private static String plain(String peer) {
        return peer.replaceFirst("^(?:dns|ip|pin):", "");
    }

    private Answer explain(Parameters parameters) {
        List<Call.Subject> named = Stream.of(Call.Subject.TOOL, Call.Subject.PROMPT, Call.Subject.RESOURCE)
                .filter(subject -> !parameters.text(word(subject)).isEmpty())
                .toList();
        String method = parameters.text("method");
        if (named.size() > 1 || (named.isEmpty() && method.isEmpty())) {
            throw Parameters.bad("tool", "a call is about one thing", "give one of tool, prompt, resource and method");
        }
        Call.Subject subject = named.isEmpty() ? Call.Subject.NONE : named.get(0);
        DecisionView.Asked asked = new DecisionView.Asked(
                parameters.required("server"),
                subject,
                method.isEmpty() ? subject.use() : method,
                named.isEmpty() ? "" : parameters.text(word(subject)),
                arguments(parameters));
        return Answer.json(
                new DecisionView(sources).explain(parameters.required("peer"), assurance(parameters), asked));
    }

    private static String word(Call.Subject subject) {
        return subject.name().toLowerCase(Locale.ROOT);
    }

    private static Map<String, Object> arguments(Parameters parameters) {
        String text = parameters.text("arguments");
        try {
            return text.isEmpty() ? Map.of() : Json.parse(text);
        } catch (IllegalArgumentException e) {
            throw Parameters.bad(
                    "arguments", String.valueOf(e.getMessage()), "write for example {\"city\": \"Berlin\"}");
        }
    }

    private static Optional<Assurance> assurance(Parameters parameters) {
        String word = parameters.oneOf("assurance", List.of("verified", "pinned", "claimed"));
        return word.isEmpty() ? Optional.empty() : Optional.of(Assurance.valueOf(word.toUpperCase(Locale.ROOT)));
    }
}
