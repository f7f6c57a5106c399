// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.condition;

import dev.mcpmtls.authz.AccessToken;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.identity.SpiffeId;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One call by one caller, as conditions see it. Reads the arguments when they are first asked for. Used by one thread. */
public final class Facts {

    private final Caller caller;
    private final Call call;
    private final Instant time;
    private final boolean listing;
    private @Nullable Map<String, Object> arguments;

    private Facts(Caller caller, Call call, Instant time, boolean listing) {
        this.caller = caller;
        this.call = call;
        this.time = time;
        this.listing = listing;
    }

    /** A call that is being made. */
    public static Facts calling(Caller caller, Call call, Instant time) {
        return new Facts(caller, call, time, false);
    }

    /** A call that might be made: the arguments of a tool or prompt are unknown, and so is what a template expands to. */
    public static Facts listing(Caller caller, Call call, Instant time) {
        return new Facts(caller, call, time, true);
    }

    /** The caller. */
    public Caller caller() {
        return caller;
    }

    /** The call. */
    public Call call() {
        return call;
    }

    /** The variable that has no value yet. */
    Optional<Variable> unknown() {
        if (!listing) {
            return Optional.empty();
        }
        return switch (call.subject()) {
            case TOOL, PROMPT -> Optional.of(Variable.CALL_ARGUMENTS);
            case TEMPLATE -> Optional.of(Variable.CALL_TARGET);
            case RESOURCE, NONE -> Optional.empty();
        };
    }

    /**
     * A variable's value; null when it has none: it is unknown, or a field of a certificate of which only a name is known, or of a token that is not
     * there.
     */
    @Nullable
    Object valueOf(Variable variable) {
        if (unknown().filter(variable::equals).isPresent()) {
            return null;
        }
        return switch (variable) {
            case PEER_IDENTITY -> caller.identity().text();
            case PEER_TRUST_DOMAIN -> caller.identity() instanceof SpiffeId id ? id.trustDomain() : "";
            case PEER_ASSURANCE -> caller.assurance().name();
            case PEER_CERTIFICATE_SERIAL ->
                ofLeaf(leaf -> leaf.getSerialNumber().toString(16).toUpperCase(Locale.ROOT));
            case PEER_CERTIFICATE_ISSUER ->
                ofLeaf(leaf -> leaf.getIssuerX500Principal().getName());
            case PEER_CERTIFICATE_NOT_AFTER -> ofLeaf(leaf -> leaf.getNotAfter().toInstant());
            case CALL_SERVER -> call.entry();
            case CALL_METHOD -> call.method();
            case CALL_TOOL -> call.subject() == Call.Subject.TOOL ? call.target() : "";
            case CALL_TARGET -> call.target();
            case CALL_ARGUMENTS -> arguments();
            case TOKEN_PRESENT -> call.token().isPresent();
            case TOKEN_ISSUER -> ofToken(AccessToken::issuer);
            case TOKEN_SUBJECT -> ofToken(AccessToken::subject);
            case TOKEN_CLIENT -> ofToken(token -> token.client().orElse(""));
            case TOKEN_SCOPES -> ofToken(token -> List.copyOf(token.scopes()));
            case REQUEST_TIME -> time;
            case REQUEST_PROTOCOL_VERSION -> call.protocolVersion();
        };
    }

    private @Nullable Object ofToken(Function<AccessToken, Object> field) {
        return call.token().map(field).orElse(null);
    }

    private @Nullable Object ofLeaf(Function<X509Certificate, Object> field) {
        return caller.certificate().map(field).orElse(null);
    }

    private Map<String, Object> arguments() {
        if (arguments == null) {
            arguments = CelValues.object(call.arguments());
        }
        return arguments;
    }
}
