// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server;

import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.HeaderName;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.protocol.JsonRpcMessage.Request;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.protocol.observe.Observer;
import dev.mcpmtls.transport.server.call.IncomingRequest;
import dev.mcpmtls.transport.server.call.RequestDispatcher;
import dev.mcpmtls.transport.server.caller.RefusedException;
import dev.mcpmtls.transport.server.http.Endpoint;
import dev.mcpmtls.transport.server.legacy.LegacyEra;
import dev.mcpmtls.transport.server.modern.ModernEra;
import org.jspecify.annotations.Nullable;

/** Which era does this message belong to? Decided by what it says of itself, one message at a time. */
final class EraSelection implements Endpoint {

    private final LegacyEra legacy;
    private final ModernEra modern;
    private final Observer observer;

    EraSelection(LegacyEra legacy, ModernEra modern, Observer observer) {
        this.legacy = legacy;
        this.modern = modern;
        this.observer = observer;
    }

    @Override
    public void post(IncomingRequest incoming, JsonRpcMessage message) {
        if (observer.equals(Observer.NONE) || message instanceof Response) {
            select(incoming, message);
            return;
        }
        ObservedRequest observed = ObservedRequest.of(incoming, message, observer);
        try {
            select(observed, message);
        } catch (RuntimeException e) {
            Object id = message instanceof Request request ? request.id() : null;
            RequestDispatcher.refuse(observed, id, e);
        }
    }

    private void select(IncomingRequest incoming, JsonRpcMessage message) {
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
