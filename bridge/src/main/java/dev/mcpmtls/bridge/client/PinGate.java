// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.bridge.client;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.bridge.remote.Outage;
import dev.mcpmtls.protocol.pins.PinChange;
import dev.mcpmtls.protocol.pins.PinnedTools;
import dev.mcpmtls.protocol.pins.ToolPins;
import dev.mcpmtls.tls.TlsProfile;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Holds a server's answers against its pins: lists and introductions pass without what was not approved, and each change is an audit event. */
record PinGate(URI server, PinnedTools tools) {

    static PinGate of(URI server, ToolPins pins, TlsProfile tls) {
        return new PinGate(server, new PinnedTools(pins, change -> {
            var unused = tls.audit()
                    .record(new AuditEvent.ToolChanged(
                            tls.clock().instant(),
                            pins.server(),
                            change.name(),
                            change.kind().reason(),
                            change.kind().why(),
                            change.pinnedDigest(),
                            change.offeredDigest()));
        }));
    }

    /**
     * A result as the client may have it. Any with tools counts as a list, and any with instructions as an introduction, whatever it claims to
     * answer.
     *
     * @param asked the edition of the list; -1 when none was asked for
     * @param identity that the server has proved
     */
    Map<String, Object> screened(Map<String, Object> result, long asked, Optional<String> identity) {
        boolean isIntroduction = result.containsKey("instructions");
        if (!isIntroduction && !(result.get("tools") instanceof List)) {
            return result;
        }
        identity.ifPresent(tools::answeredBy);
        return tools.listed(isIntroduction ? tools.introduced(result) : result, asked)
                .result();
    }

    /**
     * Returns when a list has shown the tool as it was approved.
     *
     * @param list reads the list
     * @throws Outage when the tool is withheld, or the list cannot be read
     */
    void require(String tool, Runnable list) {
        if (!tools.isChecked(tool) && tools.objection(tool).isEmpty()) {
            try {
                list.run();
            } catch (ServerErrorException e) {
                throw unchecked(String.valueOf(e.getMessage()));
            }
        }
        if (!tools.isChecked(tool)) {
            throw withheld(tool);
        }
    }

    private Outage withheld(String tool) {
        Optional<PinChange> change = tools.objection(tool)
                .or(() -> tools.removed().stream()
                        .filter(removed -> removed.name().equals(tool))
                        .findFirst());
        return change.map(found -> Outage.withheld(server, tool, found.kind().why()))
                .orElseGet(() -> unchecked("it changed while it was read; try again"));
    }

    private Outage unchecked(String why) {
        return Outage.unusable(server, "cannot hold its list of tools against the pins: " + why);
    }
}
