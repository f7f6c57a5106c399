// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.metrics.Health;
import java.util.List;
import java.util.Map;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** Actuator's health: certificates, trust, access rules and audit log, and what needs attention before it fails. */
@AutoConfiguration(after = MtlsAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(Health.class)
@ConditionalOnEnabledHealthIndicator("mtls")
class MtlsHealthAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "mtlsHealthIndicator")
    HealthIndicator mtlsHealthIndicator(Health health) {
        return () -> {
            List<Health.Check> checks = health.checks();
            var result = Health.worst(checks) == Health.Status.FAILING
                    ? org.springframework.boot.health.contributor.Health.down()
                    : org.springframework.boot.health.contributor.Health.up();
            checks.forEach(check -> result.withDetail(
                    check.name(), Map.of("status", check.status().name(), "detail", check.detail())));
            return result.build();
        };
    }
}
