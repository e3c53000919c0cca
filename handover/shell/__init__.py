"""The look: template environment, filters, icons, the bar on top, error pages, the styleguide."""
