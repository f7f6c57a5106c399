// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import java.util.Map;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Whether the settings have a server or clients use mutual TLS: when any of theirs is there, and {@code enabled} is not false. */
abstract class MtlsInUse extends SpringBootCondition {

    private final String[] prefixes;

    private MtlsInUse(String... prefixes) {
        this.prefixes = prefixes;
    }

    static final class ByServer extends MtlsInUse {
        ByServer() {
            super(MtlsServerProperties.PREFIX);
        }
    }

    static final class ByClients extends MtlsInUse {
        ByClients() {
            super(MtlsClientProperties.PREFIX);
        }
    }

    static final class ByAnyone extends MtlsInUse {
        ByAnyone() {
            super(MtlsServerProperties.PREFIX, MtlsClientProperties.PREFIX);
        }
    }

    static boolean isConfigured(Environment environment, String prefix) {
        return Binder.get(environment)
                        .bind(prefix, Bindable.mapOf(String.class, Object.class))
                        .map(Map::isEmpty)
                        .map(isEmpty -> !isEmpty)
                        .orElse(false)
                && environment.getProperty(prefix + ".enabled", Boolean.class, true);
    }

    @Override
    public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
        for (String prefix : prefixes) {
            if (isConfigured(context.getEnvironment(), prefix)) {
                return ConditionOutcome.match(
                        ConditionMessage.forCondition("mutual TLS").foundExactly("settings of " + prefix));
            }
        }
        return ConditionOutcome.noMatch(ConditionMessage.forCondition("mutual TLS")
                .didNotFind("settings of")
                .items((Object[]) prefixes));
    }
}
