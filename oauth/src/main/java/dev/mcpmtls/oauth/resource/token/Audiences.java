// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.resource.token;

import java.net.URI;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The names of this server in {@code aud}. Compared exactly, after URLs are normalised: scheme and host in lower case, no default port,
 * no {@code /} as the whole path. Nothing else is alike: paths, percent-encodings and other trailing slashes count. Immutable.
 */
public final class Audiences {

    private final String resource;
    private final Set<String> names;

    /**
     * The resource and its other names.
     *
     * @param others names of other forms that authorization servers write for it
     */
    public Audiences(String resource, Collection<String> others) {
        this.resource = resource;
        this.names = Stream.concat(Stream.of(resource), others.stream())
                .map(Audiences::normalised)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The name that clients ask for (RFC 8707). */
    public String resource() {
        return resource;
    }

    /** Whether a token with these audiences is for this server. */
    public boolean haveAnyOf(Collection<String> audiences) {
        return audiences.stream().anyMatch(one -> names.contains(one) || names.contains(normalised(one)));
    }

    /** A URL with an authority, normalised; everything else as it is. */
    static String normalised(String name) {
        URI url;
        try {
            url = URI.create(name);
        } catch (IllegalArgumentException e) {
            return name;
        }
        if (url.getScheme() == null || url.getHost() == null || url.getRawUserInfo() != null) {
            return name;
        }
        String scheme = url.getScheme().toLowerCase(Locale.ROOT);
        boolean isDefaultPort = url.getPort() == (scheme.equals("https") ? 443 : 80) || url.getPort() == -1;
        String path = "/".equals(url.getRawPath()) ? "" : url.getRawPath();
        return scheme + "://" + url.getHost().toLowerCase(Locale.ROOT)
                + (isDefaultPort ? "" : ":" + url.getPort())
                + path
                + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery())
                + (url.getRawFragment() == null ? "" : "#" + url.getRawFragment());
    }
}
