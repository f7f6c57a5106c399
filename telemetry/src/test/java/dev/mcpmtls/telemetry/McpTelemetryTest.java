// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.mcpmtls.protocol.observe.Observation;
import dev.mcpmtls.protocol.observe.Observer.Side;
import dev.mcpmtls.protocol.observe.Operation;
import dev.mcpmtls.protocol.observe.Wire;
import dev.mcpmtls.telemetry.McpTelemetry.Parents;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class McpTelemetryTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";
    private static final String OTHER_TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String OTHER = "00-" + OTHER_TRACE + "-b7ad6b7169203331-01";
    private static final Wire WIRE = Wire.http("2", "192.0.2.7", 50_123, "spiffe://demo.local/agent/alice");
    private static final UnaryOperator<@Nullable String> NO_HEADERS = name -> null;

    private final Reports reports = new Reports(Sampler.parentBased(Sampler.alwaysOn()));
    private final McpTelemetry telemetry = McpTelemetry.of(reports.api);

    /** The attributes of both tables of the convention, "Server" and "Client", that apply to a call of a tool. */
    @Test
    void aServersSpanHasTheConventionsNameKindAndAttributes() {
        Observation call = telemetry.received(call("get-weather", Map.of("city", "hunter2")), NO_HEADERS);
        call.speaks("2025-11-25");
        call.inSession("secret-session-id");
        call.end();

        SpanData span = reports.span();
        assertThat(span.getName()).isEqualTo("tools/call get-weather");
        assertThat(span.getKind()).isEqualTo(SpanKind.SERVER);
        assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThat(span.getInstrumentationScopeInfo().getName()).isEqualTo("dev.mcpmtls");
        assertThat(Reports.named(span.getAttributes()))
                .containsOnly(
                        entry("mcp.method.name", "tools/call"),
                        entry("gen_ai.tool.name", "get-weather"),
                        entry("gen_ai.operation.name", "execute_tool"),
                        entry("jsonrpc.request.id", "7"),
                        entry("mcp.protocol.version", "2025-11-25"),
                        entry("mcp.session.id", "8b24f1a166ac8c39"),
                        entry("network.transport", "tcp"),
                        entry("network.protocol.name", "http"),
                        entry("network.protocol.version", "2"),
                        entry("client.address", "192.0.2.7"),
                        entry("client.port", "50123"));
    }

    @Test
    void aClientsSpanNamesTheServerInPlaceOfTheClient() {
        Observation call = telemetry.sent(call("get-weather", Map.of()), Observation.NONE);
        call.speaks("2026-07-28");
        call.end();

        assertThat(reports.span().getKind()).isEqualTo(SpanKind.CLIENT);
        assertThat(Reports.named(reports.span().getAttributes()))
                .containsEntry("server.address", "192.0.2.7")
                .containsEntry("server.port", "50123")
                .doesNotContainKeys("client.address", "client.port", "mcp.session.id");
    }

    @Test
    void promptsAndResourcesAreNamedAndAResourceWithoutItsSecrets() {
        end(new Operation("prompts/get", 1, Map.of("name", "review", "arguments", Map.of("x", "y")), WIRE));
        end(new Operation("resources/read", "r-1", Map.of("uri", "db://user:p@w@host/table?filter=hunter2#x"), WIRE));
        end(new Operation("notifications/initialized", null, Map.of(), Wire.PIPE));

        List<SpanData> spans = reports.spans();
        assertThat(spans)
                .extracting(SpanData::getName)
                .containsExactly("prompts/get review", "resources/read", "notifications/initialized");
        assertThat(Reports.named(spans.get(0).getAttributes()))
                .containsEntry("gen_ai.prompt.name", "review")
                .doesNotContainKeys("gen_ai.operation.name", "gen_ai.tool.name");
        assertThat(Reports.named(spans.get(1).getAttributes())).containsEntry("mcp.resource.uri", "db://host/table");
        assertThat(Reports.named(spans.get(2).getAttributes()))
                .containsOnly(
                        entry("mcp.method.name", "notifications/initialized"), entry("network.transport", "pipe"));
    }

    @Test
    void errorsAreReportedAsTheConventionWantsAndSuccessIsNot() {
        telemetry.received(call("a", Map.of()), NO_HEADERS).end();
        Observation error = telemetry.received(call("b", Map.of()), NO_HEADERS);
        error.error(-32602);
        error.failed("cancelled"); // later, so it does not count
        error.end();
        Observation refused = telemetry.received(call("c", Map.of()), NO_HEADERS);
        refused.refused(403, "rule 'no-deletes' denies it");
        refused.end();
        Observation toolError = telemetry.received(call("d", Map.of()), NO_HEADERS);
        toolError.answered(Map.of("result", Map.of("isError", true, "content", List.of("hunter2"))));
        toolError.end();

        List<SpanData> spans = reports.spans();
        assertThat(Reports.named(spans.get(0).getAttributes()))
                .doesNotContainKeys("error.type", "rpc.response.status_code");
        assertThat(Reports.named(spans.get(1).getAttributes()))
                .containsEntry("error.type", "-32602")
                .containsEntry("rpc.response.status_code", "-32602");
        assertThat(spans.get(1).getStatus().getDescription()).isEmpty();
        assertThat(Reports.named(spans.get(2).getAttributes())).containsEntry("error.type", "403");
        assertThat(spans.get(2).getStatus().getDescription()).isEqualTo("rule 'no-deletes' denies it");
        assertThat(Reports.named(spans.get(3).getAttributes()))
                .containsEntry("error.type", "tool_error")
                .doesNotContainKey("rpc.response.status_code");
        assertThat(spans.subList(1, 4))
                .allSatisfy(span -> assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR));
        assertThat(spans.toString()).doesNotContain("hunter2");
    }

    @Test
    void theMessageNamesTheParentAndTheHeaderALink() {
        Observation call = telemetry.received(
                traced(Map.of("traceparent", PARENT, "tracestate", "rojo=1", "baggage", "user=alice")),
                name -> name.equals("traceparent") ? OTHER : null);
        Map<String, Optional<String>> carried =
                telemetry.sent(call("upstream", Map.of()), call).carried();
        call.end();

        SpanData span = reports.span();
        assertThat(span.getParentSpanContext().getTraceId()).isEqualTo(TRACE);
        assertThat(span.getParentSpanContext().isRemote()).isTrue();
        assertThat(span.getLinks())
                .singleElement()
                .satisfies(
                        link -> assertThat(link.getSpanContext().getTraceId()).isEqualTo(OTHER_TRACE));
        assertThat(carried.get("traceparent"))
                .hasValueSatisfying(
                        text -> assertThat(text).startsWith("00-" + TRACE + "-").doesNotContain("00f067aa0ba902b7"));
        assertThat(carried).containsEntry("tracestate", Optional.of("rojo=1"));
        assertThat(carried).containsEntry("baggage", Optional.of("user=alice"));
        assertThat(call.traceId()).isEqualTo(TRACE);
        assertThat(call.spanId()).isEqualTo(span.getSpanId());
    }

    @Test
    void aHeaderNamesTheParentOfAMessageThatNamesNone() {
        telemetry
                .received(traced(Map.of()), name -> name.equals("traceparent") ? OTHER : null)
                .end();

        assertThat(reports.span().getTraceId()).isEqualTo(OTHER_TRACE);
        assertThat(reports.span().getLinks()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                "00-4bf92f3577b34da6a3ce929d0e0e473\u0000-00f067aa0ba902b7-01",
            })
    void aMalformedTraceparentBeginsATraceOfItsOwn(String malformed) {
        telemetry
                .received(traced(Map.of("traceparent", malformed, "tracestate", "rojo=1")), NO_HEADERS)
                .end();

        assertThat(reports.span().getParentSpanContext().isValid()).isFalse();
        assertThat(reports.span().getTraceId()).isNotEqualTo(TRACE);
        assertThat(reports.span().getSpanContext().getTraceState().isEmpty()).isTrue();
    }

    @Test
    void oversizedOrOddMembersAreIgnoredAndTheTraceGoesOn() {
        Map<String, Object> meta = new HashMap<>(Map.of(
                "traceparent", PARENT,
                "tracestate", "a=" + "x".repeat(511),
                "baggage", "a=" + "x".repeat(8_192)));
        assertThat(carriedOn(meta))
                .containsEntry("tracestate", Optional.empty())
                .containsEntry("baggage", Optional.empty());
        meta.put("tracestate", "=,=,nonsense");
        meta.put("baggage", "a=1,".repeat(64) + "b=2");
        assertThat(carriedOn(meta))
                .containsEntry("tracestate", Optional.empty())
                .containsEntry("baggage", Optional.empty());
        meta.put("traceparent", List.of(PARENT));
        meta.put("tracestate", 1);
        telemetry.received(traced(meta), NO_HEADERS).end();
        assertThat(reports.spans())
                .extracting(span -> span.getParentSpanContext().isValid())
                .containsExactly(true, true, false);
        // W3C lets these through: as large as they may be.
        assertThat(carriedOn(Map.of("traceparent", PARENT, "tracestate", "a=" + "x".repeat(200))))
                .containsEntry("tracestate", Optional.of("a=" + "x".repeat(200)));
    }

    private Map<String, Optional<String>> carriedOn(Map<String, Object> meta) {
        Observation received = telemetry.received(traced(meta), NO_HEADERS);
        received.end();
        return telemetry.sent(call("x", Map.of()), received).carried();
    }

    @Test
    void whereTracesAreLinkedACallerDecidesNeitherTheTraceNorWhetherItIsSampled() {
        Reports unsampled = new Reports(Sampler.parentBased(Sampler.alwaysOff()));
        McpTelemetry linking =
                McpTelemetry.builder(unsampled.api).parents(Parents.LINK).build();
        Observation call =
                linking.received(traced(Map.of("traceparent", PARENT, "baggage", "user=mallory")), NO_HEADERS);
        call.end();

        assertThat(call.traceId()).isNotEmpty().isNotEqualTo(TRACE);
        assertThat(unsampled.spans()).isEmpty();
        assertThat(linking.sent(call("x", Map.of()), call).carried()).containsEntry("baggage", Optional.empty());
        Reports sampled = new Reports(Sampler.parentBased(Sampler.alwaysOn()));
        McpTelemetry.builder(sampled.api)
                .parents(Parents.LINK)
                .build()
                .received(traced(Map.of("traceparent", PARENT)), NO_HEADERS)
                .end();
        assertThat(sampled.span().getParentSpanContext().isValid()).isFalse();
        assertThat(sampled.span().getLinks())
                .singleElement()
                .satisfies(
                        link -> assertThat(link.getSpanContext().getTraceId()).isEqualTo(TRACE));

        McpTelemetry following = McpTelemetry.of(unsampled.api);
        following.received(traced(Map.of("traceparent", PARENT)), NO_HEADERS).end();
        assertThat(unsampled.span().getTraceId()).isEqualTo(TRACE);
    }

    @Test
    void whatIsCurrentIsTheParentOfWhatIsSentAndTheReverse() {
        Span mine = reports.api.getTracer("mine").spanBuilder("mine").startSpan();
        Observation sent;
        try (Scope current = mine.makeCurrent()) {
            assertThat(current).isNotNull();
            sent = telemetry.sent(call("x", Map.of()), telemetry.current());
        }
        sent.end();
        assertThat(reports.span().getParentSpanId())
                .isEqualTo(mine.getSpanContext().getSpanId());

        Observation received = telemetry.received(traced(Map.of("traceparent", PARENT, "baggage", "a=b")), NO_HEADERS);
        try (Observation.Scope current = received.makeCurrent()) {
            assertThat(current).isNotNull();
            assertThat(Span.current().getSpanContext().getTraceId()).isEqualTo(TRACE);
            assertThat(Baggage.current().getEntryValue("a")).isEqualTo("b");
        }
        assertThat(Span.current().getSpanContext()).isEqualTo(SpanContext.getInvalid());
    }

    @Test
    void aPeerCannotPutAnythingOddIntoASpan() {
        end(new Operation("tools/call", "\u001b[2J", Map.of("name", "x\u001b[31m\n" + "y".repeat(10_000)), WIRE));
        end(new Operation("no such/method \u202e", 1, Map.of("name", "hunter2", "uri", "hunter2"), WIRE));

        assertThat(reports.spans()).allSatisfy(span -> {
            assertThat(span.getName()).hasSizeLessThan(320).matches("[ -~]*");
            assertThat(Reports.named(span.getAttributes()).values())
                    .allSatisfy(value -> assertThat(value).hasSizeLessThan(320).matches("[ -~]*"));
        });
        assertThat(reports.spans().get(1).getName()).isEqualTo("_OTHER");
        assertThat(reports.spans().get(1).toString()).doesNotContain("hunter2");
    }

    @Test
    void identitiesAreReportedWhereThatIsWantedOnly() {
        end(call("x", Map.of()));
        McpTelemetry.builder(reports.api)
                .identities(true)
                .build()
                .received(call("x", Map.of()), NO_HEADERS)
                .end();

        assertThat(Reports.named(reports.spans().get(0).getAttributes())).doesNotContainKey("mcp_mtls.peer.identity");
        assertThat(Reports.named(reports.spans().get(1).getAttributes()))
                .containsEntry("mcp_mtls.peer.identity", "spiffe://demo.local/agent/alice");
    }

    @Test
    void durationsHaveTheConventionsNamesUnitsBucketsAndAttributes() {
        Observation served = telemetry.received(call("get-weather", Map.of()), NO_HEADERS);
        served.speaks("2025-11-25");
        served.end();
        telemetry.sent(call("get-weather", Map.of()), Observation.NONE).end();
        telemetry.sessionEnded(Side.SERVER, "2025-11-25", WIRE, Duration.ofSeconds(90));
        telemetry.sessionEnded(Side.CLIENT, "2025-11-25", WIRE, Duration.ofSeconds(90));

        assertThat(reports.metrics())
                .extracting(MetricData::getName)
                .containsExactlyInAnyOrder(
                        "mcp.server.operation.duration",
                        "mcp.client.operation.duration",
                        "mcp.server.session.duration",
                        "mcp.client.session.duration");
        assertThat(reports.metrics()).extracting(MetricData::getUnit).containsOnly("s");
        assertThat(Reports.named(
                        reports.points("mcp.server.operation.duration").get(0).getAttributes()))
                .containsOnly(
                        entry("mcp.method.name", "tools/call"),
                        entry("gen_ai.tool.name", "get-weather"),
                        entry("gen_ai.operation.name", "execute_tool"),
                        entry("mcp.protocol.version", "2025-11-25"),
                        entry("network.transport", "tcp"),
                        entry("network.protocol.name", "http"),
                        entry("network.protocol.version", "2"));
        assertThat(reports.points("mcp.server.operation.duration").get(0).getBoundaries())
                .containsExactly(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1d, 2d, 5d, 10d, 30d, 60d, 120d, 300d);
        assertThat(Reports.named(
                        reports.points("mcp.client.session.duration").get(0).getAttributes()))
                .containsOnly(
                        entry("mcp.protocol.version", "2025-11-25"),
                        entry("network.transport", "tcp"),
                        entry("network.protocol.name", "http"),
                        entry("network.protocol.version", "2"),
                        entry("server.address", "192.0.2.7"),
                        entry("server.port", "50123"));
        assertThat(reports.points("mcp.server.session.duration").get(0).getSum())
                .isEqualTo(90);
    }

    @Test
    void whatPeersInventDoesNotMultiplyMetrics() {
        for (int i = 0; i < 50; i++) {
            Observation invented = telemetry.received(call("no-such-" + i, Map.of()), NO_HEADERS);
            invented.error(-32602);
            invented.speaks("2025-01-" + i);
            invented.end();
            Observation method =
                    telemetry.received(new Operation("x/m" + "a".repeat(i), i, Map.of(), WIRE), NO_HEADERS);
            method.error(1_000 + i);
            method.end();
        }
        assertThat(reports.points("mcp.server.operation.duration")).hasSize(2);

        end(call("real", Map.of()));
        Observation failed = telemetry.received(call("real", Map.of()), NO_HEADERS);
        failed.error(-32602);
        failed.end();
        assertThat(reports.points("mcp.server.operation.duration"))
                .filteredOn(point ->
                        "real".equals(Reports.named(point.getAttributes()).get("gen_ai.tool.name")))
                .hasSize(2);
    }

    /** A hostile server answers to any name. */
    @Test
    void toolsThatAServerInventsDoNotMultiplyMetricsBeyondABound() {
        for (int i = 0; i < 1_500; i++) {
            telemetry.sent(call("invented-" + i, Map.of()), Observation.NONE).end();
        }
        assertThat(reports.points("mcp.client.operation.duration"))
                .hasSize(1_001)
                .filteredOn(point -> !Reports.named(point.getAttributes()).containsKey("gen_ai.tool.name"))
                .singleElement()
                .satisfies(others -> assertThat(others.getCount()).isEqualTo(500));
    }

    private void end(Operation operation) {
        telemetry.received(operation, NO_HEADERS).end();
    }

    private static Operation call(String tool, Map<String, Object> arguments) {
        return new Operation("tools/call", 7, Map.of("name", tool, "arguments", arguments), WIRE);
    }

    private static Operation traced(Map<String, Object> meta) {
        return new Operation("tools/call", 7, Map.of("name", "x", "_meta", meta), WIRE);
    }
}
