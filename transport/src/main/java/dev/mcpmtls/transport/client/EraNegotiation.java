// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.client;

import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.transport.client.ConnectionException.UnusableAnswer;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Finds out which era a server speaks: by what is known of it, else by asking in the modern one first. */
final class EraNegotiation {

    private final Era allowed;
    private final EraCache eras;
    private final boolean callsUnoffered;
    private final Wire wire;
    private final Codec codec;
    private final Function<JSONRPCRequest, ModernDialect> modern;
    private final Supplier<LegacyDialect> legacy;
    private volatile @Nullable Dialect dialect;

    EraNegotiation(
            Era allowed,
            EraCache eras,
            boolean callsUnoffered,
            Wire wire,
            Codec codec,
            Function<JSONRPCRequest, ModernDialect> modern,
            Supplier<LegacyDialect> legacy) {
        this.allowed = allowed;
        this.eras = eras;
        this.callsUnoffered = callsUnoffered;
        this.wire = wire;
        this.codec = codec;
        this.modern = modern;
        this.legacy = legacy;
    }

    /** The dialect agreed with the server; none before it was found out. */
    @Nullable
    Dialect dialect() {
        return dialect;
    }

    /** Answers the SDK's first request in the era that the server speaks. */
    Mono<Void> initialize(JSONRPCRequest request) {
        Era known = allowed == Era.AUTO ? eras.of(wire.endpoint()).orElse(Era.AUTO) : allowed;
        if (known == Era.LEGACY) {
            return speakLegacy(request);
        }
        ModernDialect asking = modern.apply(request);
        return asking.probe().flatMap(probe -> {
            if (probe instanceof Probe.Modern found) {
                eras.learn(wire.endpoint(), Era.MODERN);
                dialect = asking;
                return asking.introduce(request, callsUnoffered ? withTools(found.discovered()) : found.discovered());
            }
            if (allowed == Era.MODERN) {
                return Mono.error(new UnusableAnswer(
                        wire.endpoint(),
                        "it does not speak MCP " + Revision.MODERN.text() + "; allow the legacy era (auto)",
                        null));
            }
            return speakLegacy(request);
        });
    }

    private Map<String, Object> withTools(Map<String, Object> discovered) {
        Map<String, Object> capabilities = new LinkedHashMap<>(codec.object(discovered, "capabilities"));
        capabilities.putIfAbsent("tools", Map.of());
        Map<String, Object> more = new LinkedHashMap<>(discovered);
        more.put("capabilities", capabilities);
        return more;
    }

    private Mono<Void> speakLegacy(JSONRPCRequest request) {
        LegacyDialect spoken = legacy.get();
        dialect = spoken;
        return spoken.send(request)
                .doOnSuccess(done -> {
                    // A server that is too busy to say what it speaks has said nothing of its era.
                    if (spoken.protocolVersion().isEmpty()) {
                        eras.forget(wire.endpoint());
                    } else {
                        eras.learn(wire.endpoint(), Era.LEGACY);
                    }
                })
                .doOnError(thrown -> eras.forget(wire.endpoint()));
    }
}
