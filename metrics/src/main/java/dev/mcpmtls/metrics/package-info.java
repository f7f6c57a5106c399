// SPDX-License-Identifier: Apache-2.0
/**
 * How is it doing? Health and metrics, both fed by the same events as the audit log.
 *
 * <p>Start at {@link dev.mcpmtls.metrics.MonitoringServer}, which answers {@code /health/live}, {@code /health/ready} and {@code
 * /metrics}; {@link dev.mcpmtls.metrics.Metrics} and {@link dev.mcpmtls.metrics.Health} are listeners to be given to {@link
 * dev.mcpmtls.audit.AuditSink#fanOut}.
 */
@NullMarked
package dev.mcpmtls.metrics;

import org.jspecify.annotations.NullMarked;
