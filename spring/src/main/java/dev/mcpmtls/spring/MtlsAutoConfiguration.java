// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.audit.AuditEvent;
import dev.mcpmtls.audit.AuditSink;
import dev.mcpmtls.audit.RejectionLimit;
import dev.mcpmtls.auditlog.AuditLog;
import dev.mcpmtls.auditlog.AuditSettings;
import dev.mcpmtls.metrics.AuditWatch;
import dev.mcpmtls.metrics.Health;
import dev.mcpmtls.tls.reload.FileWatch;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

/** The parts that server and clients of a program share: the files that are followed, the audit log and its listeners. */
@AutoConfiguration(after = SslAutoConfiguration.class)
@Conditional(MtlsInUse.ByAnyone.class)
class MtlsAutoConfiguration {

    private static final int REJECTIONS_PER_MINUTE = 600;
    private static final int REJECTIONS_PER_ADDRESS = 120;

    /** Where every validation decision and every call goes: the audit log, and the listeners among the program's beans. */
    @Bean
    @Primary
    @ConditionalOnMissingBean(
            value = AuditSink.class,
            ignored = {AuditLog.class, RejectionLimit.class})
    AuditSink mtlsAuditSink(
            ObjectProvider<RejectionLimit> file,
            ObjectProvider<AuditWatch> watch,
            ObjectProvider<Consumer<AuditEvent>> listeners) {
        RejectionLimit log = file.getIfAvailable();
        AuditSink sink = log == null ? AuditSink.none() : watch.getObject().over(log);
        return AuditSink.fanOut(sink, listeners.orderedStream().toList());
    }

    @Bean
    @ConditionalOnMissingBean
    FileWatch mtlsFileWatch(AuditSink audit) {
        return new FileWatch(audit, InstantSource.system());
    }

    @Bean
    Profiles mtlsProfiles(FileWatch watch, AuditSink audit, SslBundles bundles) {
        return new Profiles(watch, audit, bundles);
    }

    @Bean
    @ConditionalOnMissingBean
    Health mtlsHealth(ObjectProvider<AuditWatch> watch) {
        Health health = new Health(InstantSource.system());
        watch.ifAvailable(health::audit);
        return health;
    }

    /** With {@code mcp.mtls.audit.file}: a log in which altered and missing records show. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty("mcp.mtls.audit.file")
    @EnableConfigurationProperties(MtlsAuditProperties.class)
    static class AuditFile {

        @Bean
        @ConditionalOnMissingBean
        AuditLog mtlsAuditLog(MtlsAuditProperties settings, @Value("${spring.application.name:mcp}") String service) {
            Path file = settings.getFile();
            if (file == null) {
                throw new IllegalStateException("mcp.mtls.audit.file is empty");
            }
            return AuditLog.open(AuditSettings.of(file), service);
        }

        @Bean
        @ConditionalOnMissingBean
        RejectionLimit mtlsRejectionLimit(AuditLog log) {
            return new RejectionLimit(log, REJECTIONS_PER_MINUTE, REJECTIONS_PER_ADDRESS, InstantSource.system());
        }

        @Bean
        @ConditionalOnMissingBean
        AuditWatch mtlsAuditWatch() {
            return new AuditWatch();
        }
    }
}
