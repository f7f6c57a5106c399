// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.telemetry;

import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.observe.Observer.Side;
import dev.mcpmtls.protocol.observe.Wire;
import io.opentelemetry.api.common.AttributesBuilder;

/** The attributes that say how messages travelled. */
final class Travelled {

    private static final String OLDEST = "2024-11-05"; // that of some upstream servers

    private Travelled() {}

    /** Adds them, to a span or a metric. */
    static void add(AttributesBuilder attributes, Side side, String revision, Wire wire) {
        if (Revision.supported().contains(revision) || revision.equals(OLDEST)) {
            attributes.put(Convention.PROTOCOL_VERSION, revision);
        }
        attributes.put(Convention.TRANSPORT, wire.transport());
        if (wire.transport().equals("tcp")) {
            attributes.put(Convention.NETWORK_PROTOCOL, "http");
        }
        if (!wire.httpVersion().isEmpty()) {
            attributes.put(Convention.NETWORK_VERSION, wire.httpVersion());
        }
        if (side == Side.CLIENT && !wire.address().isEmpty()) {
            attributes.put(Convention.SERVER, wire.address()).put(Convention.SERVER_PORT, wire.port());
        }
    }
}
