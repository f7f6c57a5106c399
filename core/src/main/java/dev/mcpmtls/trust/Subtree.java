// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import dev.mcpmtls.identity.AlternativeNames;
import dev.mcpmtls.identity.Der;
import dev.mcpmtls.identity.Der.MalformedDerException;
import dev.mcpmtls.identity.Printable;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * One subtree of a name constraint.
 *
 * @param kind the kind of names that it constrains
 * @param base its root as text, lower case except for a mailbox's local part; unused for addresses and directory names
 * @param octets address and mask, for {@link Kind#IP}
 * @param directory for {@link Kind#DIRECTORY}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Subtree(Kind kind, String base, byte[] octets, DirectoryName directory) {

    /** The kinds of names that a constraint can cover. */
    enum Kind {
        DNS,
        IP,
        URI,
        EMAIL,
        DIRECTORY,
        OTHER
    }

    /** One name of a certificate; exactly one of the three forms is in use, as its kind says. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Name(Kind kind, String text, byte[] octets, DirectoryName directory) {

        static Name of(Kind kind, String text) {
            return new Name(kind, text, new byte[0], DirectoryName.EMPTY);
        }

        static Name ofAddress(byte[] octets) {
            String text = AlternativeNames.ip(octets).map(Object::toString).orElse(Arrays.toString(octets));
            return new Name(Kind.IP, text, octets, DirectoryName.EMPTY);
        }

        static Name ofDirectory(DirectoryName name) {
            return new Name(Kind.DIRECTORY, name.toString(), new byte[0], name);
        }

        @Override
        public String toString() {
            return kind + ":" + Printable.clean(text);
        }
    }

    static Subtree parse(Der base) throws MalformedDerException {
        return switch (base.tag()) {
            case 0x82 -> text(Kind.DNS, host(base.asAscii()));
            case 0x86 -> text(Kind.URI, hostOrDomain(base.asAscii()));
            case 0x81 -> text(Kind.EMAIL, mailboxOrDomain(base.asAscii()));
            case 0x87 -> new Subtree(Kind.IP, "", addressAndMask(base.content()), DirectoryName.EMPTY);
            case 0xa4 -> new Subtree(Kind.DIRECTORY, "", new byte[0], directoryName(base.content()));
            default -> text(Kind.OTHER, "");
        };
    }

    /** Whether every name that {@code name} covers lies in this subtree. */
    boolean contains(Name name) {
        return switch (kind) {
            case DNS -> isHostWithin(withoutWildcard(name.text()), base);
            case URI ->
                uriHost(name.text()).map(host -> isHostMatch(host, base)).orElse(false);
            case EMAIL -> isMailboxWithin(name.text());
            case IP -> isAddressWithin(name.octets());
            case DIRECTORY -> name.directory().isWithin(directory);
            case OTHER -> false;
        };
    }

    /**
     * Whether some name that {@code name} covers lies in this subtree, or could: a wildcard reaches into subtrees below it, and
     * an unreadable name counts as one inside.
     */
    boolean touches(Name name) {
        return switch (kind) {
            case DNS ->
                contains(name) || (name.text().startsWith("*.") && isOneLabelBelow(withoutWildcard(name.text())));
            case URI -> contains(name) || uriHost(name.text()).isEmpty();
            case EMAIL -> contains(name) || !isMailbox(name.text());
            case IP -> contains(name) || (name.octets().length != 4 && name.octets().length != 16);
            case DIRECTORY -> contains(name);
            case OTHER -> true;
        };
    }

    private static Subtree text(Kind kind, String base) {
        return new Subtree(kind, base, new byte[0], DirectoryName.EMPTY);
    }

    private static String host(String text) throws MalformedDerException {
        String lower = text.toLowerCase(Locale.ROOT);
        if (!lower.isEmpty() && !WellFormed.isHostName(lower)) {
            throw new MalformedDerException("a constraint that is no host name");
        }
        return lower;
    }

    private static String hostOrDomain(String text) throws MalformedDerException {
        return text.startsWith(".") && text.length() > 1 ? "." + host(text.substring(1)) : host(text);
    }

    private static String mailboxOrDomain(String text) throws MalformedDerException {
        if (!text.contains("@")) {
            return hostOrDomain(text);
        }
        if (!isMailbox(text)) {
            throw new MalformedDerException("a constraint that is no mailbox");
        }
        return foldDomain(text);
    }

    private static byte[] addressAndMask(byte[] octets) throws MalformedDerException {
        if (octets.length != 8 && octets.length != 32) {
            throw new MalformedDerException("a constraint that is no address with mask");
        }
        boolean ended = false;
        for (int bit = 0; bit < octets.length * 4; bit++) {
            boolean set = (octets[octets.length / 2 + bit / 8] & (0x80 >> (bit % 8))) != 0;
            if (set && ended) {
                throw new MalformedDerException("a mask with holes");
            }
            ended |= !set;
        }
        return octets;
    }

    static DirectoryName directoryName(byte[] encoding) throws MalformedDerException {
        try {
            return DirectoryName.of(
                    new X500Principal(Der.parse(encoding).expect(Der.SEQUENCE).encoding()));
        } catch (IllegalArgumentException e) {
            throw new MalformedDerException("not a directory name");
        }
    }

    private static String withoutWildcard(String dnsName) {
        String lower = dnsName.toLowerCase(Locale.ROOT);
        return lower.startsWith("*.") ? lower.substring(2) : lower;
    }

    /** The host itself or any below it. */
    private static boolean isHostWithin(String host, String root) {
        return root.isEmpty() || host.equals(root) || host.endsWith("." + root);
    }

    /** The rule of RFC 5280 for URIs and mail: a leading dot means every host below, its absence that very host. */
    private static boolean isHostMatch(String host, String root) {
        return root.isEmpty() || (root.startsWith(".") ? host.endsWith(root) : host.equals(root));
    }

    private boolean isOneLabelBelow(String domain) {
        return base.substring(base.indexOf('.') + 1).equals(domain);
    }

    private boolean isMailboxWithin(String mailbox) {
        if (!isMailbox(mailbox)) {
            return false;
        }
        String folded = foldDomain(mailbox);
        return base.contains("@") ? folded.equals(base) : isHostMatch(folded.substring(folded.indexOf('@') + 1), base);
    }

    static boolean isMailbox(String text) {
        int at = text.indexOf('@');
        return at > 0
                && at == text.lastIndexOf('@')
                && WellFormed.isHostName(text.substring(at + 1).toLowerCase(Locale.ROOT));
    }

    private static String foldDomain(String mailbox) {
        int at = mailbox.indexOf('@');
        return mailbox.substring(0, at) + mailbox.substring(at).toLowerCase(Locale.ROOT);
    }

    private static Optional<String> uriHost(String uri) {
        try {
            String authority = new URI(uri).getRawAuthority();
            String host =
                    authority == null ? "" : authority.replaceFirst("^.*@", "").replaceFirst(":\\d*$", "");
            String lower = host.toLowerCase(Locale.ROOT);
            return WellFormed.isHostName(lower) ? Optional.of(lower) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private boolean isAddressWithin(byte[] address) {
        if (address.length * 2 != octets.length) {
            return false;
        }
        for (int i = 0; i < address.length; i++) {
            if (((address[i] ^ octets[i]) & octets[address.length + i]) != 0) {
                return false;
            }
        }
        return true;
    }
}
