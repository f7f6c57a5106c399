// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.transport.server.caller.Caller;
import java.util.Collection;
import org.springframework.security.core.GrantedAuthority;

/**
 * A bean of this kind decides what Spring Security grants a caller; without one, {@code MTLS_} and the assurance of its identity, and
 * {@code SCOPE_} and each scope of its access token, if it has one.
 */
@FunctionalInterface
public interface CallerAuthorities {

    /** The authorities of this caller. */
    Collection<? extends GrantedAuthority> of(Caller caller);
}
