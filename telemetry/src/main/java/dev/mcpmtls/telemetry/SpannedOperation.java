// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.telemetry;

import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.Sha256;
import dev.mcpmtls.protocol.observe.Observer.Side;
import dev.mcpmtls.protocol.observe.Operation;
import dev.mcpmtls.protocol.observe.Wire;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** An operation with its span. */
final class SpannedOperation implements McpTelemetry.Contextual {

    private final McpTelemetry telemetry;
    private final Side side;
    private final Operation operation;
    private final Span span;
    private final Context context;
    private final long begun = System.nanoTime();
    private final AtomicReference<@Nullable Failure> failure = new AtomicReference<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile String revision = "";
    private volatile Wire wire;

    /**
     * How it failed.
     *
     * @param code of the JSON-RPC error; empty when there was none
     * @param words our own; empty when they are another's
     */
    private record Failure(String type, String code, String words) {}

    SpannedOperation(McpTelemetry telemetry, Side side, Operation operation, SpanBuilder span, Context parent) {
        this.telemetry = telemetry;
        this.side = side;
        this.operation = operation;
        this.wire = operation.wire();
        this.span = span.startSpan();
        this.context = parent.with(this.span);
    }

    @Override
    public Context context() {
        return context;
    }

    @Override
    public String traceId() {
        return span.getSpanContext().isValid() ? span.getSpanContext().getTraceId() : "";
    }

    @Override
    public String spanId() {
        return span.getSpanContext().isValid() ? span.getSpanContext().getSpanId() : "";
    }

    @Override
    public Map<String, Optional<String>> carried() {
        return telemetry.propagation().of(context);
    }

    @Override
    @SuppressWarnings("MustBeClosed") // by the caller
    public Scope makeCurrent() {
        return context.makeCurrent()::close;
    }

    @Override
    public void speaks(String version) {
        revision = version;
    }

    /** As a digest: who has the id has the session. */
    @Override
    public void inSession(String id) {
        if (span.isRecording()) {
            byte[] digest = Sha256.of(id.getBytes(StandardCharsets.UTF_8));
            span.setAttribute(Convention.SESSION, HexFormat.of().formatHex(digest, 0, 8));
        }
    }

    @Override
    public void over(Wire better) {
        wire = better;
    }

    @Override
    public void error(int code) {
        failed(new Failure(Integer.toString(code), Integer.toString(code), ""));
    }

    @Override
    public void refused(int code, String why) {
        failed(new Failure(Integer.toString(code), Integer.toString(code), Printable.clean(why)));
    }

    @Override
    public void failed(String type) {
        failed(new Failure(type, "", ""));
    }

    private void failed(Failure one) {
        boolean unused = failure.compareAndSet(null, one);
    }

    @Override
    public void end() {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        Failure failed = failure.get();
        telemetry
                .durations()
                .operation(side, Subject.of(operation), outcome(counted(failed)), failed == null, seconds, context);
        if (span.isRecording()) {
            span.setAllAttributes(outcome(failed));
            addOwn();
            if (failed != null) {
                span.setStatus(StatusCode.ERROR, failed.words());
            }
        }
        span.end();
    }

    /** Another server may answer with any number. */
    private static @Nullable Failure counted(@Nullable Failure failed) {
        if (failed == null || failed.code().isEmpty()) {
            return failed;
        }
        int code = Integer.parseInt(failed.code());
        boolean isUsual = (code >= -32_768 && code <= -32_000) || (code >= 400 && code < 600);
        return isUsual ? failed : new Failure(Convention.OTHER, Convention.OTHER, "");
    }

    private Attributes outcome(@Nullable Failure failed) {
        AttributesBuilder attributes = Attributes.builder();
        Travelled.add(attributes, side, revision, wire);
        if (failed != null) {
            attributes.put(Convention.ERROR, failed.type());
            if (!failed.code().isEmpty()) {
                attributes.put(Convention.STATUS, failed.code());
            }
        }
        return attributes.build();
    }

    /** Adds the attributes that metrics lack. */
    private void addOwn() {
        if (operation.id() != null) {
            span.setAttribute(Convention.REQUEST_ID, Printable.clean(String.valueOf(operation.id())));
        }
        String resource = Subject.of(operation).resource();
        if (!resource.isEmpty()) {
            span.setAttribute(Convention.RESOURCE, resource);
        }
        if (side == Side.SERVER && !wire.address().isEmpty()) {
            span.setAttribute(Convention.CLIENT, wire.address())
                    .setAttribute(Convention.CLIENT_PORT, (long) wire.port());
        }
        if (telemetry.reportsIdentities() && !wire.peer().isEmpty()) {
            span.setAttribute(Convention.IDENTITY, Printable.clean(wire.peer()));
        }
    }
}
