// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.acceptance.issuer;

import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.security.oauth2.server.authorization.InMemoryOAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.OAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.client.InMemoryRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.oauth2.server.authorization.settings.OAuth2TokenFormat;
import org.springframework.security.oauth2.server.authorization.token.DelegatingOAuth2TokenGenerator;
import org.springframework.security.oauth2.server.authorization.token.JwtGenerator;
import org.springframework.security.oauth2.server.authorization.token.OAuth2AccessTokenGenerator;
import org.springframework.security.oauth2.server.authorization.token.OAuth2RefreshTokenGenerator;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenGenerator;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;

/** The authorization server as Spring puts it together, with what it leaves to a deployment. */
@Configuration(proxyBeanMethods = false)
@EnableWebSecurity
class AuthorizationServerBeans {

    @Bean
    SecurityFilterChain security(HttpSecurity http) throws Exception {
        return http.oauth2AuthorizationServer(Customizer.withDefaults())
                .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                .formLogin(Customizer.withDefaults())
                .build();
    }

    @Bean
    InMemoryRegisteredClientRepository clients() {
        return new InMemoryRegisteredClientRepository(List.of(
                Registrations.certificate("agent", "CN=agent"),
                Registrations.secret("batch", "batch-secret", true, OAuth2TokenFormat.SELF_CONTAINED),
                Registrations.secret("unbound", "unbound-secret", false, OAuth2TokenFormat.SELF_CONTAINED),
                Registrations.secret("opaque", "opaque-secret", true, OAuth2TokenFormat.REFERENCE),
                Registrations.secret(
                        Registrations.BELATED_CLIENT, "belated-secret", true, OAuth2TokenFormat.SELF_CONTAINED),
                Registrations.secret("mcp-server", "server-secret", false, OAuth2TokenFormat.REFERENCE),
                Registrations.person("desktop")));
    }

    @Bean
    OAuth2AuthorizationService authorizations() {
        return new InMemoryOAuth2AuthorizationService();
    }

    @Bean
    UserDetailsService people() {
        return new InMemoryUserDetailsManager(User.withUsername("ada")
                .password("{noop}lovelace")
                .roles("PERSON")
                .build());
    }

    @Bean
    SigningKeys keys() {
        return new SigningKeys();
    }

    @Bean
    OAuth2TokenGenerator<?> tokens(SigningKeys keys) {
        NimbusJwtEncoder encoder = new NimbusJwtEncoder(keys);
        encoder.setJwkSelector(candidates -> candidates.get(0));
        JwtGenerator jwts = new JwtGenerator(encoder);
        jwts.setJwtCustomizer(TokenContents::of);
        OAuth2AccessTokenGenerator references = new OAuth2AccessTokenGenerator();
        references.setAccessTokenCustomizer(context -> TokenContents.add(context, context.getClaims()::claim));
        return new DelegatingOAuth2TokenGenerator(jwts, references, new OAuth2RefreshTokenGenerator());
    }

    @Bean
    AuthorizationServerSettings settings() {
        return AuthorizationServerSettings.builder().build();
    }
}
