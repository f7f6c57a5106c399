// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.telemetry;

import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.protocol.observe.Operation;
import dev.mcpmtls.protocol.observe.Wire;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An observer that reports to OpenTelemetry: a span for each request and notification, and how long they and sessions last.
 *
 * <pre>{@code
 * McpTelemetry telemetry = McpTelemetry.of(openTelemetry);
 * MtlsServerTransport server = MtlsServerTransport.builder().tls(profile).observer(telemetry).build();
 * MtlsClientTransport client = MtlsClientTransport.builder(url).tls(profile).observer(telemetry).build();
 * }</pre>
 *
 * <p>Arguments, results and the texts of handlers' errors are never reported. Names, URIs and ids that a peer sent are cleaned and cut, and
 * session ids are hashed. Thread-safe.
 */
public final class McpTelemetry implements Observer {

    private static final String SCOPE = "dev.mcpmtls";

    private final Tracer tracer;
    private final Propagation propagation;
    private final Durations durations;
    private final Parents parents;
    private final boolean identities;

    private McpTelemetry(Builder builder) {
        OpenTelemetry api = builder.api;
        String version = Optional.ofNullable(McpTelemetry.class.getPackage().getImplementationVersion())
                .orElse("");
        this.tracer =
                api.tracerBuilder(SCOPE).setInstrumentationVersion(version).build();
        this.propagation = new Propagation(api.getPropagators().getTextMapPropagator());
        this.durations = new Durations(
                api.meterBuilder(SCOPE).setInstrumentationVersion(version).build());
        this.parents = builder.parents;
        this.identities = builder.identities;
    }

    /** Reports to {@code api}, with the defaults of {@link Builder}. */
    public static McpTelemetry of(OpenTelemetry api) {
        return builder(api).build();
    }

    /** Collects the settings. */
    public static Builder builder(OpenTelemetry api) {
        return new Builder(api);
    }

    /** The relation of a request's span to the one that its caller names. */
    public enum Parents {
        /** The caller's trace goes on, with the caller's decision whether it is sampled. */
        FOLLOW,
        /** Each request begins a trace, which links to the caller's: callers have no say in sampling, ids and baggage. */
        LINK
    }

    /** The settings. Not thread-safe. */
    public static final class Builder {

        private final OpenTelemetry api;
        private Parents parents = Parents.FOLLOW;
        private boolean identities;

        private Builder(OpenTelemetry api) {
            this.api = api;
        }

        /** Default {@link Parents#FOLLOW}. */
        public Builder parents(Parents relation) {
            this.parents = relation;
            return this;
        }

        /** Reports the identities that peers prove, as {@code mcp_mtls.peer.identity} of spans; default not. */
        public Builder identities(boolean reported) {
            this.identities = reported;
            return this;
        }

        /** The observer. */
        public McpTelemetry build() {
            return new McpTelemetry(this);
        }
    }

    @Override
    public Observation received(Operation operation, UnaryOperator<@Nullable String> headers) {
        Context message =
                propagation.from(JsonRpcMessage.object(operation.params().get("_meta")));
        Context http = propagation.from(headers);
        Context ambient = Context.current();
        Context caller = isTraced(message) ? message : isTraced(http) ? http : ambient;
        Context parent = parents == Parents.LINK ? Context.root() : caller;
        SpanBuilder span = begun(operation, SpanKind.SERVER, parent);
        for (Context other : new Context[] {message, http, ambient}) {
            SpanContext linked = Span.fromContext(other).getSpanContext();
            if (linked.isValid() && !linked.equals(Span.fromContext(parent).getSpanContext())) {
                span.addLink(linked);
            }
        }
        return new SpannedOperation(this, Side.SERVER, operation, span, parent);
    }

    private static boolean isTraced(Context context) {
        return Span.fromContext(context).getSpanContext().isValid();
    }

    @Override
    public Observation sent(Operation operation, Observation cause) {
        Context parent = cause instanceof Contextual known ? known.context() : Context.current();
        return new SpannedOperation(this, Side.CLIENT, operation, begun(operation, SpanKind.CLIENT, parent), parent);
    }

    private SpanBuilder begun(Operation operation, SpanKind kind, Context parent) {
        Subject subject = Subject.of(operation);
        AttributesBuilder attributes = Attributes.builder();
        subject.addTo(attributes, subject.method(), true);
        return tracer.spanBuilder(subject.spanName())
                .setSpanKind(kind)
                .setParent(parent)
                .setAllAttributes(attributes.build());
    }

    @Override
    public Observation invoked(String agent) {
        Context parent = Context.current();
        Span span = tracer.spanBuilder("invoke_agent " + agent)
                .setParent(parent)
                .setAttribute(Convention.OPERATION, Convention.INVOKE_AGENT)
                .setAttribute(Convention.AGENT, agent)
                .startSpan();
        return new Invoked(span, parent.with(span));
    }

    @Override
    public Observation current() {
        return new Ambient(Context.current());
    }

    @Override
    public void sessionEnded(Side side, String revision, Wire wire, Duration lasted) {
        AttributesBuilder attributes = Attributes.builder();
        Travelled.add(attributes, side, revision, wire);
        durations.session(side, attributes.build(), lasted.toNanos() / 1e9);
    }

    Propagation propagation() {
        return propagation;
    }

    Durations durations() {
        return durations;
    }

    boolean reportsIdentities() {
        return identities;
    }

    /** An observation with a context that others can be parts of. */
    interface Contextual extends Observation {

        Context context();
    }

    /** The work of an agent. */
    private record Invoked(Span span, Context context) implements Contextual {

        @Override
        public String traceId() {
            return span.getSpanContext().getTraceId();
        }

        @Override
        public String spanId() {
            return span.getSpanContext().getSpanId();
        }

        @Override
        @SuppressWarnings("MustBeClosed") // by the caller
        public Scope makeCurrent() {
            return context.makeCurrent()::close;
        }

        @Override
        public void failed(String type) {
            span.setAttribute(Convention.ERROR, type).setStatus(StatusCode.ERROR);
        }

        @Override
        public void end() {
            span.end();
        }
    }

    /** The context that was current when it was asked for; never ended. */
    private record Ambient(Context context) implements Contextual {

        @Override
        public String traceId() {
            return isTraced(context)
                    ? Span.fromContext(context).getSpanContext().getTraceId()
                    : "";
        }

        @Override
        public String spanId() {
            return isTraced(context)
                    ? Span.fromContext(context).getSpanContext().getSpanId()
                    : "";
        }

        @Override
        @SuppressWarnings("MustBeClosed") // by the caller
        public Scope makeCurrent() {
            return context.makeCurrent()::close;
        }
    }
}
