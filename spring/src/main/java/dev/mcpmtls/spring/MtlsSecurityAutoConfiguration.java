// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.authz.AccessToken;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.SimpleGrantedAuthority;

/** Where Spring Security is present: handlers run as their caller, so that {@code @PreAuthorize} on a tool's method decides by certificate. */
@AutoConfiguration(after = MtlsServerAutoConfiguration.class)
@ConditionalOnClass({Authentication.class, io.modelcontextprotocol.server.McpServerFeatures.class})
@Conditional(MtlsInUse.ByServer.class)
class MtlsSecurityAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    static CallerAuthorities mtlsCallerAuthorities() {
        return caller -> Stream.concat(
                        Stream.of("MTLS_" + caller.peer().assurance().name()),
                        caller.token().map(AccessToken::scopes).orElse(Set.of()).stream()
                                .map(scope -> "SCOPE_" + scope))
                .map(SimpleGrantedAuthority::new)
                .toList();
    }

    @Bean
    static AuthenticatedHandlers mtlsAuthenticatedHandlers(ObjectProvider<CallerAuthorities> authorities) {
        return new AuthenticatedHandlers(caller -> authorities.getObject().of(caller));
    }
}
