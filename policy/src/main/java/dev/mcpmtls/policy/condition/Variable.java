// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.condition;

import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a condition may look at. */
enum Variable {
    PEER_IDENTITY("peer.identity", Type.TEXT, facts -> facts.caller().identity().text()),
    PEER_TRUST_DOMAIN("peer.trust_domain", Type.TEXT, Facts::trustDomain),
    PEER_ASSURANCE(
            "peer.assurance", Type.TEXT, facts -> facts.caller().assurance().name()),
    PEER_CERTIFICATE_SERIAL(
            "peer.certificate.serial",
            Type.TEXT,
            ofCertificate(leaf -> leaf.getSerialNumber().toString(16).toUpperCase(Locale.ROOT))),
    PEER_CERTIFICATE_ISSUER(
            "peer.certificate.issuer",
            Type.TEXT,
            ofCertificate(leaf -> leaf.getIssuerX500Principal().getName())),
    PEER_CERTIFICATE_NOT_AFTER(
            "peer.certificate.not_after",
            Type.TIME,
            ofCertificate(leaf -> leaf.getNotAfter().toInstant())),
    CALL_SERVER("call.server", Type.TEXT, facts -> facts.call().entry()),
    CALL_METHOD("call.method", Type.TEXT, facts -> facts.call().method()),
    CALL_TOOL("call.tool", Type.TEXT, Facts::tool),
    CALL_TARGET("call.target", Type.TEXT, facts -> facts.call().target()),
    CALL_ARGUMENTS("call.arguments", Type.OBJECT, Facts::arguments),
    REQUEST_TIME("request.time", Type.TIME, Facts::time),
    REQUEST_PROTOCOL_VERSION(
            "request.protocol_version", Type.TEXT, facts -> facts.call().protocolVersion());

    private static final Map<String, Variable> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(variable -> variable.written, variable -> variable));

    enum Type {
        TEXT,
        TIME,
        OBJECT
    }

    private final String written;
    private final Type type;
    private final Function<Facts, @Nullable Object> value;

    Variable(String written, Type type, Function<Facts, @Nullable Object> value) {
        this.written = written;
        this.type = type;
        this.value = value;
    }

    private static Function<Facts, @Nullable Object> ofCertificate(Function<X509Certificate, Object> field) {
        return facts -> facts.caller().certificate().map(field).orElse(null);
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

    /** Its value; null for a certificate's field when only the caller's name is known. */
    @Nullable
    Object of(Facts facts) {
        return value.apply(facts);
    }
}
