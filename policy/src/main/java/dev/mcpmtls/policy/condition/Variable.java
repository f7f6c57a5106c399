// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.condition;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The variables that a condition may read. */
enum Variable {
    PEER_IDENTITY("peer.identity", Type.TEXT),
    PEER_TRUST_DOMAIN("peer.trust_domain", Type.TEXT),
    PEER_ASSURANCE("peer.assurance", Type.TEXT),
    PEER_CERTIFICATE_SERIAL("peer.certificate.serial", Type.TEXT),
    PEER_CERTIFICATE_ISSUER("peer.certificate.issuer", Type.TEXT),
    PEER_CERTIFICATE_NOT_AFTER("peer.certificate.not_after", Type.TIME),
    CALL_SERVER("call.server", Type.TEXT),
    CALL_METHOD("call.method", Type.TEXT),
    CALL_TOOL("call.tool", Type.TEXT),
    CALL_TARGET("call.target", Type.TEXT),
    CALL_ARGUMENTS("call.arguments", Type.OBJECT),
    TOKEN_PRESENT("token.present", Type.BOOL),
    TOKEN_ISSUER("token.issuer", Type.TEXT),
    TOKEN_SUBJECT("token.subject", Type.TEXT),
    TOKEN_CLIENT("token.client", Type.TEXT),
    TOKEN_SCOPES("token.scopes", Type.TEXTS),
    REQUEST_TIME("request.time", Type.TIME),
    REQUEST_PROTOCOL_VERSION("request.protocol_version", Type.TEXT);

    private static final Map<String, Variable> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(Variable::written, variable -> variable));

    enum Type {
        TEXT,
        TEXTS,
        BOOL,
        TIME,
        OBJECT
    }

    private final String written;
    private final Type type;

    Variable(String written, Type type) {
        this.written = written;
        this.type = type;
    }

    /** The variable of that name; null when there is none. */
    static @Nullable Variable named(String name) {
        return BY_NAME.get(name);
    }

    /** The name as conditions write it. */
    String written() {
        return written;
    }

    Type type() {
        return type;
    }
}
