// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.HeaderName;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.caller.RefusedException;
import dev.mcpmtls.transport.server.http.Endpoint;
import dev.mcpmtls.transport.server.legacy.LegacyEra;
import dev.mcpmtls.transport.server.modern.ModernEra;
import org.jspecify.annotations.Nullable;

/** Which era does this message belong to? Decided by what it says of itself, one message at a time. */
final class EraSelection implements Endpoint {

    private final LegacyEra legacy;
    private final ModernEra modern;

    EraSelection(LegacyEra legacy, ModernEra modern) {
        this.legacy = legacy;
        this.modern = modern;
    }

    @Override
    public void post(IncomingRequest incoming, JsonRpcMessage message) {
        String version = incoming.header(HeaderName.PROTOCOL_VERSION);
        if (message instanceof Request request && isModern(version, request)) {
            modern.handle(incoming, version, request);
            return;
        }
        if (Revision.MODERN.text().equals(version)) {
            unasked(incoming, message);
            return;
        }
        checkLegacy(version);
        legacy.handle(incoming, message);
    }

    /** The modern era has no responses from clients, and no notifications over HTTP, but takes those in. */
    private static void unasked(IncomingRequest incoming, JsonRpcMessage message) {
        if (!(message instanceof Notification)) {
            throw RefusedException.invalidRequest(
                    "this version of MCP asks clients nothing that a response could answer");
        }
        incoming.reply().accepted();
    }

    @Override
    public void get(IncomingRequest incoming) {
        requireLegacy(incoming);
        legacy.listen(incoming);
    }

    @Override
    public void delete(IncomingRequest incoming) {
        requireLegacy(incoming);
        legacy.delete(incoming);
    }

    private static void requireLegacy(IncomingRequest incoming) {
        String version = incoming.header(HeaderName.PROTOCOL_VERSION);
        if (Revision.MODERN.text().equals(version)) {
            incoming.reply().header("allow", "POST");
            throw new RefusedException(405, ErrorCode.INVALID_REQUEST, "this version of MCP uses POST only");
        }
        checkLegacy(version);
    }

    private static boolean isModern(@Nullable String version, Request request) {
        boolean saysSo = request.meta().containsKey(Revision.META_KEY);
        return saysSo || Revision.MODERN.text().equals(version);
    }

    private static void checkLegacy(@Nullable String version) {
        if (version != null && !Revision.legacy().contains(version)) {
            throw RefusedException.unsupported(version);
        }
    }
}
