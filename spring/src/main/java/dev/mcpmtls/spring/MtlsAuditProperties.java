// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** The audit log of this program. */
@ConfigurationProperties("mcp.mtls.audit")
public class MtlsAuditProperties {

    /** File of the audit log, readable by its owner only. Without one refusals are in the program's log, and nothing else is kept. */
    private @Nullable Path file;

    public @Nullable Path getFile() {
        return file;
    }

    public void setFile(@Nullable Path file) {
        this.file = file;
    }
}
