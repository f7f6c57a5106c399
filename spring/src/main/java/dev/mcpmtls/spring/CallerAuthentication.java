// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.trust.Assurance;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.GrantedAuthority;

/**
 * The caller of an MCP request as Spring Security sees it. Its principal is the {@link Caller}, its name the identity in the caller's
 * certificate. It is authenticated unless validation is relaxed and nothing vouches for that name.
 */
public final class CallerAuthentication extends AbstractAuthenticationToken {

    private static final long serialVersionUID = 1L;

    private final transient Caller caller;

    /** The caller with what it is granted. */
    public CallerAuthentication(Caller caller, Collection<? extends GrantedAuthority> authorities) {
        super(authorities);
        this.caller = caller;
        setAuthenticated(caller.peer().assurance() != Assurance.CLAIMED);
    }

    @Override
    public Caller getPrincipal() {
        return caller;
    }

    /** Nothing: the proof was the TLS handshake. */
    @Override
    public Object getCredentials() {
        return "";
    }

    /** The identity, for example {@code spiffe://demo.local/agent/coordinator}. */
    @Override
    public String getName() {
        return caller.peer().identity().text();
    }

    /**
     * For whom the caller works: the issuer, {@code #} and the subject of its access token, as access rules write it; null when it has no
     * token. A subject alone is unique only within its issuer.
     */
    public @Nullable String getSubject() {
        return caller.token()
                .map(token -> token.issuer() + '#' + token.subject())
                .orElse(null);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}
