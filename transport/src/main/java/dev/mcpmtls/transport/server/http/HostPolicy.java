// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.http;

import dev.mcpmtls.transport.server.caller.RefusedException;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The names to which this server answers, against DNS rebinding. A web page whose own name was pointed at our address sends that name in
 * {@code Host}, and its own origin in {@code Origin}.
 */
public final class HostPolicy {

    private static final Pattern AUTHORITY = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(?::[0-9]{0,5})?");
    private static final Pattern ORIGIN = Pattern.compile("https?://(.+)");

    private final Supplier<HostNames> hosts;
    private final Set<String> origins;
    // Nearly all requests name the same authority.
    private volatile Allowed allowed = new Allowed(new HostNames(Set.of()), "");

    private record Allowed(HostNames by, String authority) {}

    /**
     * A policy.
     *
     * @param hosts which may change
     * @param origins as browsers write them, scheme and port included; those of loopback names are always allowed
     */
    public HostPolicy(Supplier<HostNames> hosts, Set<String> origins) {
        this.hosts = hosts;
        this.origins = lowerCase(origins);
    }

    /**
     * Whether a request to this authority, with or without a port, is for us.
     *
     * @throws RefusedException when it is not a host with or without a port, and nothing else (RFC 9110 section 7.2)
     */
    boolean allowsHost(@Nullable String authority) {
        HostNames current = hosts.get();
        Allowed last = allowed;
        if (last.by.equals(current) && last.authority.equals(authority)) {
            return true;
        }
        String name = authority == null ? "" : name(authority);
        if (authority == null || name.isEmpty()) {
            throw RefusedException.invalidRequest("exactly one well-formed Host is needed");
        }
        if (!current.cover(name)) {
            return false;
        }
        allowed = new Allowed(current, authority);
        return true;
    }

    /** Whether a page of this origin may talk to us. */
    boolean allowsOrigin(String origin) {
        if (origins.contains(origin.toLowerCase(Locale.ROOT))) {
            return true;
        }
        Matcher form = ORIGIN.matcher(origin);
        return form.matches() && HostNames.LOOPBACK.contains(name(form.group(1)));
    }

    private static String name(String authority) {
        Matcher form = AUTHORITY.matcher(authority);
        return form.matches() ? form.group(1).toLowerCase(Locale.ROOT) : "";
    }

    private static Set<String> lowerCase(Set<String> names) {
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }
}
