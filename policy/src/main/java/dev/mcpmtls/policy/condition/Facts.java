// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy.condition;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Caller;
import dev.mcpmtls.identity.SpiffeId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
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

    /** Who calls. */
    public Caller caller() {
        return caller;
    }

    /** The call. */
    public Call call() {
        return call;
    }

    Instant time() {
        return time;
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

    String trustDomain() {
        return caller.identity() instanceof SpiffeId id ? id.trustDomain() : "";
    }

    String tool() {
        return call.subject() == Call.Subject.TOOL ? call.target() : "";
    }

    Map<String, Object> arguments() {
        if (arguments == null) {
            arguments = CelValues.object(call.arguments());
        }
        return arguments;
    }
}
