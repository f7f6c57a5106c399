// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.trust;

import java.util.Arrays;
import java.util.Locale;

/** The role for which a certificate is verified. */
public enum Purpose {
    /** A server verifies its client: extended key usage {@code id-kp-clientAuth}. */
    CLIENT("1.3.6.1.5.5.7.3.2", "clientAuth"),
    /** A client verifies its server: extended key usage {@code id-kp-serverAuth}, and the name is matched. */
    SERVER("1.3.6.1.5.5.7.3.1", "serverAuth");

    private final String keyUsageOid;
    private final String keyUsageName;

    Purpose(String keyUsageOid, String keyUsageName) {
        this.keyUsageOid = keyUsageOid;
        this.keyUsageName = keyUsageName;
    }

    /** The word for messages, {@code client} or {@code server}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    String keyUsageOid() {
        return keyUsageOid;
    }

    String keyUsageName() {
        return keyUsageName;
    }

    /** The name of an extended key usage; the object identifier itself when it is neither of these two. */
    static String keyUsageName(String oid) {
        return Arrays.stream(values())
                .filter(purpose -> purpose.keyUsageOid.equals(oid))
                .map(Purpose::keyUsageName)
                .findFirst()
                .orElse(oid);
    }
}
