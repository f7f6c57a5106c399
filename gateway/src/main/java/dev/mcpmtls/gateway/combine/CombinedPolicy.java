// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.combine;

import dev.mcpmtls.authz.AccessPolicy;
import dev.mcpmtls.authz.Call;
import dev.mcpmtls.authz.Call.Subject;
import dev.mcpmtls.authz.Decision;
import dev.mcpmtls.gateway.combine.Routes.Target;
import dev.mcpmtls.trust.Peer;
import java.util.List;
import java.util.function.Consumer;

/**
 * The rules of the members, so that the combined endpoint evades none. A call is decided under the name of the member that it goes to, and
 * with that member's name of the tool. A call that might go to any member must be permitted at each.
 */
record CombinedPolicy(AccessPolicy rules, Routes routes) implements AccessPolicy {

    @Override
    public Decision decide(Peer caller, Call call) {
        Decision decided = new Decision.Deny("there is no server behind this endpoint");
        for (Call one : calls(call)) {
            Decision decision = rules.decide(caller, one);
            if (decision instanceof Decision.Deny) {
                return decision;
            }
            boolean isShadowed =
                    decided instanceof Decision.Permit before && before.would().isPresent();
            decided = isShadowed ? decided : decision;
        }
        return decided;
    }

    @Override
    public boolean mayKnowOf(Peer caller, Call call) {
        return calls(call).stream().allMatch(one -> rules.mayKnowOf(caller, one));
    }

    @Override
    public boolean mayTakeLong(Peer caller, Call call) {
        return calls(call).stream().anyMatch(one -> rules.mayTakeLong(caller, one));
    }

    @Override
    public boolean isOpen() {
        return rules.isOpen();
    }

    @Override
    public Runnable onChange(Consumer<AccessPolicy> listener) {
        return rules.onChange(before -> listener.accept(new CombinedPolicy(before, routes)));
    }

    /** The calls of members that stand for a call; the call itself when its name is no member's, so that nothing answers it. */
    private List<Call> calls(Call call) {
        if (call.subject() == Subject.TOOL || call.subject() == Subject.PROMPT) {
            return List.of(
                    routes.named(call.target()).map(target -> at(target, call)).orElse(call));
        }
        boolean isOwned = call.subject() == Subject.RESOURCE || call.subject() == Subject.TEMPLATE;
        return (isOwned ? routes.owner(call.target()) : java.util.Optional.<String>empty())
                .map(List::of).orElse(routes.members()).stream()
                        .map(member -> at(new Target(member, call.target()), call))
                        .toList();
    }

    private static Call at(Target target, Call call) {
        return new Call(target.member(), call.method(), target.name())
                .at(target.member())
                .about(call.subject())
                .speaking(call.protocolVersion())
                .with(call::arguments)
                .bearing(call.token());
    }
}
