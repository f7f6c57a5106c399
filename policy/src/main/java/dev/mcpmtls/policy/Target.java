// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import dev.mcpmtls.authz.Call;
import dev.mcpmtls.identity.pattern.Glob;
import dev.mcpmtls.policy.pattern.ResourceUri;
import dev.mcpmtls.policy.pattern.UriTemplate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The target of a call, as patterns see it. Parses a URI when the first pattern asks. Used by one thread. */
final class Target {

    private final Call call;
    private @Nullable ResourceUri uri;
    private @Nullable UriTemplate template;

    Target(Call call) {
        this.call = call;
    }

    Call call() {
        return call;
    }

    /** The texts that its name may be matched as: a URI in all its readings. */
    List<String> names() {
        return switch (call.subject()) {
            case RESOURCE -> uri().readings();
            case TOOL, PROMPT, TEMPLATE -> List.of(call.target());
            case NONE -> List.of(call.method());
        };
    }

    boolean isResource(Glob pattern, Effect effect) {
        if (call.subject() == Call.Subject.TEMPLATE) {
            return effect == Effect.PERMIT
                    ? template().isPermittedBy(pattern)
                    : template().isDeniedBy(pattern);
        }
        return effect == Effect.PERMIT ? uri().isPermittedBy(pattern) : uri().isDeniedBy(pattern);
    }

    private ResourceUri uri() {
        if (uri == null) {
            uri = ResourceUri.of(call.target());
        }
        return uri;
    }

    private UriTemplate template() {
        if (template == null) {
            template = UriTemplate.of(call.target());
        }
        return template;
    }
}
