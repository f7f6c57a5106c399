// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity.pattern;

import dev.mcpmtls.identity.PublicKeyPin;
import java.net.IDN;
import java.util.Locale;
import java.util.regex.Pattern;

/** The forms of each kind of name, as far as a pattern can violate them. */
final class NameForms {

    private static final Pattern SPIFFE_PATH = Pattern.compile("[A-Za-z0-9._*/-]*");
    private static final Pattern TRUST_DOMAIN = Pattern.compile("[a-z0-9._*-]+");
    private static final Pattern AFTER_STARS = Pattern.compile(".*\\*\\*.*[A-Z].*");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9_*]([a-z0-9_*-]*[a-z0-9_*])?");
    /** The last character holds four bits. */
    private static final Pattern PIN = Pattern.compile("sha256/[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=");

    private static final int MAX_ID = 2048;
    private static final int MAX_TRUST_DOMAIN = 255;
    private static final int MAX_DNS_NAME = 253;
    private static final int MAX_LABEL = 63;

    private NameForms() {}

    static NamePattern spiffe(String text) {
        String rest = text.substring("spiffe://".length());
        int slash = rest.indexOf('/');
        String written = slash < 0 ? rest : rest.substring(0, slash);
        String path = slash < 0 ? "" : rest.substring(slash);
        String domain = written.toLowerCase(Locale.ROOT);
        require(!domain.isEmpty(), "the trust domain is missing", "write for example spiffe://demo.local/agent/*");
        require(
                TRUST_DOMAIN.matcher(domain).matches() && fixedLength(domain) <= MAX_TRUST_DOMAIN,
                "no trust domain looks like this",
                "a trust domain has letters, digits, dots, dashes and underscores");
        require(
                !AFTER_STARS.matcher(written).matches(),
                "a capital letter after ** may belong to the trust domain, which has none, or to the path",
                "write the trust domain in small letters, or a / after **");
        require(
                SPIFFE_PATH.matcher(path).matches() && fixedLength(text) <= MAX_ID,
                "no SPIFFE ID has such a path",
                "a path has letters, digits, dots, dashes, underscores and slashes");
        String[] segments = path.split("/", -1);
        for (int i = 1; i < segments.length; i++) {
            require(
                    !segments[i].isEmpty() && !segments[i].equals(".") && !segments[i].equals(".."),
                    "no SPIFFE ID has an empty segment, '.' or '..' in its path",
                    "write for example spiffe://demo.local/agent/*");
        }
        return new NamePattern.Spiffe(Glob.ofSegments("spiffe://" + domain + path, '/'));
    }

    static NamePattern dns(String text) {
        String name = text.toLowerCase(Locale.ROOT);
        require(fixedLength(name) <= MAX_DNS_NAME, "no DNS name is so long", "a DNS name has at most 253 characters");
        for (String label : name.split("\\.", -1)) {
            require(
                    LABEL.matcher(label).matches() && (label.contains("**") || fixedLength(label) <= MAX_LABEL),
                    "no DNS name looks like this",
                    likeThis(name));
        }
        return new NamePattern.Dns(Glob.ofSegments(name, '.'));
    }

    private static String likeThis(String name) {
        if (name.endsWith(".") && name.length() > 1) {
            return "write it without the dot at the end";
        }
        if (name.chars().anyMatch(c -> c > '~') && name.indexOf('*') < 0) {
            try {
                return "write dns:" + IDN.toASCII(name) + ", as certificates do";
            } catch (IllegalArgumentException e) {
                // no international name either
            }
        }
        return "write for example dns:weather.example.com or dns:*.example.com";
    }

    static NamePattern pin(String text) {
        require(
                PIN.matcher(text).matches(),
                "it is no public-key pin",
                "write pin:sha256/ and the base64 of 32 bytes, without wildcards");
        return new NamePattern.Pin(PublicKeyPin.parse(text));
    }

    private static int fixedLength(String pattern) {
        return (int) pattern.chars().filter(c -> c != '*').count();
    }

    private static void require(boolean claim, String cause, String remedy) {
        if (!claim) {
            throw new IllegalArgumentException(cause + "\n" + remedy);
        }
    }
}
